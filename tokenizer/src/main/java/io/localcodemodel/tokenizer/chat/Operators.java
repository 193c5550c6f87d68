package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Arithmetic, comparisons and slices, as Python does them.
final class Operators {

    private final Limits limits;

    Operators(Limits limits) {
        this.limits = limits;
    }

    Object negative(@Nullable Object value) {
        return switch (value) {
            case Long number when number != Long.MIN_VALUE -> -number;
            case Double number -> -number;
            case null, default -> throw limits.refuse("expected a number after -, found " + Values.describe(value));
        };
    }

    Object arithmetic(String operator, @Nullable Object first, @Nullable Object second) {
        Object left = Values.countingTruth(first);
        Object right = Values.countingTruth(second);
        if (left instanceof Long a && right instanceof Long b) {
            return integers(operator, a, b);
        }
        if (left instanceof Number a && right instanceof Number b) {
            return reals(operator, a.doubleValue(), b.doubleValue());
        }
        if (operator.equals("+") && left instanceof MarkedText a && right instanceof MarkedText b) {
            return new MarkedText.Builder(limits).append(a).append(b).build();
        }
        if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
            limits.steps((long) a.size() + b.size());
            List<@Nullable Object> both = new ArrayList<>(a);
            both.addAll(b);
            return left instanceof Values.Tuple ? new Values.Tuple(both) : both;
        }
        if (operator.equals("*") && left instanceof MarkedText text && right instanceof Long times) {
            return repeat(text, times);
        }
        if (operator.equals("*") && left instanceof Long times && right instanceof MarkedText text) {
            return repeat(text, times);
        }
        throw limits.refuse("expected two numbers%s around %s, found %s and %s"
                .formatted(
                        operator.equals("+") ? ", strings or lists" : "",
                        operator,
                        Values.describe(left),
                        Values.describe(right)));
    }

    private MarkedText repeat(MarkedText text, long times) {
        MarkedText.Builder repeated = new MarkedText.Builder(limits);
        for (long i = 0; i < times && !text.isEmpty(); i++) {
            limits.step();
            repeated.append(text);
        }
        return repeated.build();
    }

    private Object integers(String operator, long a, long b) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(a, b);
                case "-" -> Math.subtractExact(a, b);
                case "*" -> Math.multiplyExact(a, b);
                case "/" -> (double) a / notZero(b);
                case "//" -> Math.floorDiv(a, notZero(b));
                case "%" -> Math.floorMod(a, notZero(b));
                default -> b < 0 ? (Object) Math.pow((double) a, (double) b) : power(a, b);
            };
        } catch (ArithmeticException e) {
            throw limits.refuse("the result of %d %s %d has more than 64 bits".formatted(a, operator, b));
        }
    }

    private static long power(long base, long exponent) {
        long result = 1;
        for (long i = 0; i < exponent && result != 0 && base != 1; i++) {
            if (base == -1) {
                return exponent % 2 == 0 ? 1 : -1;
            }
            result = Math.multiplyExact(result, base);
        }
        return result;
    }

    private long notZero(long divisor) {
        if (divisor == 0) {
            throw limits.refuse("expected a number other than 0 to divide by, found 0");
        }
        return divisor;
    }

    private Object reals(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw limits.refuse("expected a number other than 0 to divide by, found 0");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            default -> Math.pow(a, b);
        };
    }

    boolean compare(String operator, @Nullable Object left, @Nullable Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right, limits);
            case "!=" -> !Values.equal(left, right, limits);
            case "<" -> Values.compare(left, right, limits) < 0;
            case "<=" -> Values.compare(left, right, limits) <= 0;
            case ">" -> Values.compare(left, right, limits) > 0;
            case ">=" -> Values.compare(left, right, limits) >= 0;
            case "in" -> contains(right, left);
            default -> !contains(right, left);
        };
    }

    boolean contains(@Nullable Object container, @Nullable Object wanted) {
        return switch (container) {
            case MarkedText text
            when wanted instanceof MarkedText part -> {
                limits.walk(text);
                limits.search(text, part);
                yield text.text().contains(part.text());
            }
            case Map<?, ?> map -> {
                if (wanted instanceof MarkedText key) {
                    limits.walk(key);
                }
                yield Values.isKey(wanted) && map.containsKey(wanted);
            }
            case List<?> list -> {
                boolean found = false;
                for (int i = 0; !found && i < list.size(); i++) {
                    found = Values.equal(list.get(i), wanted, limits);
                }
                yield found;
            }
            case Values.Undefined _ -> false;
            case null, default ->
                throw limits.refuse("expected a list, a mapping or, for a string, a string after in, found "
                        + Values.describe(container) + " for " + Values.describe(wanted));
        };
    }

    Object slice(@Nullable Object of, @Nullable Long start, @Nullable Long stop, long step) {
        if (step == 0 || step == Long.MIN_VALUE) {
            throw limits.refuse("expected a step other than 0 in a slice, found " + step);
        }
        return switch (of) {
            case MarkedText text -> sliceText(text, start, stop, step);
            case List<?> list -> {
                List<@Nullable Object> items = new ArrayList<>();
                for (int i : places(list.size(), start, stop, step)) {
                    items.add(list.get(i));
                }
                yield of instanceof Values.Tuple ? new Values.Tuple(items) : items;
            }
            case null, default ->
                throw limits.refuse("expected a list or a string to take a slice of, found " + Values.describe(of));
        };
    }

    private MarkedText sliceText(MarkedText text, @Nullable Long start, @Nullable Long stop, long step) {
        limits.walk(text);
        int length = text.points();
        if (step == 1) {
            int from = place(start, 0, length, 0, length);
            int to = place(stop, length, length, 0, length);
            return from < to ? text.pointRange(from, to) : MarkedText.EMPTY;
        }
        limits.steps(text.length());
        List<MarkedText> characters = text.characters();
        MarkedText.Builder slice = new MarkedText.Builder(limits);
        for (int i : places(length, start, stop, step)) {
            slice.append(characters.get(i));
        }
        return slice.build();
    }

    private int[] places(int length, @Nullable Long start, @Nullable Long stop, long step) {
        int lowest = step > 0 ? 0 : -1;
        int highest = step > 0 ? length : length - 1;
        long from = place(start, step > 0 ? 0 : length - 1, length, lowest, highest);
        long to = place(stop, step > 0 ? length : -1, length, lowest, highest);
        long distance = step > 0 ? to - from : from - to;
        int count = distance <= 0 ? 0 : (int) ((distance - 1) / Math.abs(step) + 1);
        limits.steps(count);
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = (int) (from + i * step);
        }
        return places;
    }

    private static int place(@Nullable Long bound, int absent, int length, int lowest, int highest) {
        if (bound == null) {
            return absent;
        }
        return Math.clamp(bound < 0 ? bound + length : bound, lowest, highest);
    }
}
