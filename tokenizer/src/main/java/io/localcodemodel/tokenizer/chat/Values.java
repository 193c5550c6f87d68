package io.localcodemodel.tokenizer.chat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The values of the template language: null for none, [Boolean], [Long], [Double], [MarkedText], [List], [Map], and
/// the types declared here.
final class Values {

    private Values() {}

    /// What a name or attribute gives that is not there; empty wherever that makes sense.
    record Undefined(String name) {}

    /// A list that prints as a tuple.
    static final class Tuple extends AbstractList<@Nullable Object> {
        private final List<@Nullable Object> items;

        Tuple(List<@Nullable Object> items) {
            this.items = items;
        }

        @Override
        public @Nullable Object get(int index) {
            return items.get(index);
        }

        @Override
        public int size() {
            return items.size();
        }
    }

    /// The only thing that a template can change.
    record Namespace(Map<String, @Nullable Object> attributes) {}

    /// Something with named parts, as `loop`.
    @FunctionalInterface
    interface Attributes {
        /// Returns a part, or [Undefined].
        @Nullable
        Object attribute(String name);
    }

    /// Something that can be called.
    @FunctionalInterface
    interface Function {
        @Nullable
        Object call(CallArguments arguments);
    }

    /// Turns a JSON value of the caller into one of the template language.
    ///
    /// @param content whether its strings belong to the conversation
    /// @throws IllegalArgumentException if it is no JSON value, or nested too deeply
    static @Nullable Object of(@Nullable Object value, boolean content, String place) {
        return of(value, content, place, 0);
    }

    private static @Nullable Object of(@Nullable Object value, boolean content, String place, int depth) {
        if (depth > Limits.DEPTH / 2) {
            throw new IllegalArgumentException(place + " is more than " + Limits.DEPTH / 2 + " levels deep");
        }
        return switch (value) {
            case null -> null;
            case MarkedText text -> text;
            case CharSequence text -> content ? MarkedText.content(text.toString()) : MarkedText.plain(text.toString());
            case Boolean flag -> flag;
            case Byte number -> (long) number;
            case Short number -> (long) number;
            case Integer number -> (long) number;
            case Long number -> number;
            case Number number -> number.doubleValue();
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    Object key = of(String.valueOf(entry.getKey()), content, place, depth + 1);
                    copy.put(key == null ? MarkedText.EMPTY : key, of(entry.getValue(), content, place, depth + 1));
                }
                yield copy;
            }
            case Iterable<?> items -> {
                List<@Nullable Object> copy = new ArrayList<>();
                for (Object item : items) {
                    copy.add(of(item, content, place, depth + 1));
                }
                yield copy;
            }
            default ->
                throw new IllegalArgumentException(place + " holds a "
                        + value.getClass().getName() + "; expected strings, numbers, booleans, null, lists and maps");
        };
    }

    static boolean isTrue(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case MarkedText text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case Undefined _ -> false;
            default -> true;
        };
    }

    /// True counts as 1 and false as 0 where numbers are wanted.
    static @Nullable Object countingTruth(@Nullable Object value) {
        return value instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : value;
    }

    /// Whether a value can be a key of a mapping. A list cannot, and must not be asked for its hash: one that holds itself
    /// twice, sixty times over, has 2⁶⁰ items to walk.
    static boolean isKey(@Nullable Object value) {
        return value instanceof MarkedText
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean;
    }

    static boolean equal(@Nullable Object first, @Nullable Object second, Limits limits) {
        limits.step();
        Object a = countingTruth(first);
        Object b = countingTruth(second);
        if (a instanceof Number x && b instanceof Number y) {
            return (a instanceof Long && b instanceof Long) ? a.equals(b) : x.doubleValue() == y.doubleValue();
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return x.size() == y.size() && sameItems(x, y, limits);
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return x.size() == y.size() && sameEntries(x, y, limits);
        }
        if (a instanceof Undefined && b instanceof Undefined) {
            return true;
        }
        if (a instanceof Namespace || b instanceof Namespace) {
            return same(a, b);
        }
        if (a instanceof MarkedText x && b instanceof MarkedText y && x.length() == y.length()) {
            limits.walk(x);
        }
        return a == null ? b == null : a.equals(b);
    }

    @SuppressWarnings("ReferenceEquality") // a namespace equals only itself
    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return a == b;
    }

    private static boolean sameItems(List<?> a, List<?> b, Limits limits) {
        limits.enter();
        boolean same = true;
        for (int i = 0; same && i < a.size(); i++) {
            same = equal(a.get(i), b.get(i), limits);
        }
        limits.leave();
        return same;
    }

    private static boolean sameEntries(Map<?, ?> a, Map<?, ?> b, Limits limits) {
        limits.enter();
        boolean same = true;
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            same &= b.containsKey(entry.getKey()) && equal(entry.getValue(), b.get(entry.getKey()), limits);
        }
        limits.leave();
        return same;
    }

    /// Compares two numbers, texts or lists, as `<` does.
    static int compare(@Nullable Object a, @Nullable Object b, Limits limits) {
        limits.step();
        if (a instanceof Long m && b instanceof Long n) {
            return Long.compare(m, n);
        }
        Double x = number(a);
        Double y = number(b);
        if (x != null && y != null) {
            return Double.compare(x, y);
        }
        if (a instanceof MarkedText s && b instanceof MarkedText t) {
            limits.walk(s);
            return comparePoints(s.text(), t.text());
        }
        if (a instanceof List<?> v && b instanceof List<?> w) {
            limits.enter();
            int order = 0;
            for (int i = 0; order == 0 && i < Math.min(v.size(), w.size()); i++) {
                order = equal(v.get(i), w.get(i), limits) ? 0 : compare(v.get(i), w.get(i), limits);
            }
            limits.leave();
            return order != 0 ? order : Integer.compare(v.size(), w.size());
        }
        throw limits.refuse(
                "expected two numbers or two strings to compare, found " + describe(a) + " and " + describe(b));
    }

    private static int comparePoints(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length()) {
            int x = a.codePointAt(i);
            int y = b.codePointAt(i);
            if (x != y) {
                return Integer.compare(x, y);
            }
            i += Character.charCount(x);
        }
        return Integer.compare(a.length(), b.length());
    }

    private static @Nullable Double number(@Nullable Object value) {
        return switch (value) {
            case Long number -> (double) number;
            case Double number -> number;
            case Boolean flag -> flag ? 1.0 : 0.0;
            case null, default -> null;
        };
    }

    /// What a `for` goes through, and what the filters for lists take.
    static List<@Nullable Object> items(@Nullable Object value, Limits limits) {
        return switch (value) {
            case Tuple tuple -> tuple;
            case List<?> list -> {
                @SuppressWarnings("unchecked")
                List<@Nullable Object> items = (List<@Nullable Object>) list;
                yield items;
            }
            case Map<?, ?> map -> {
                limits.steps(map.size());
                yield new ArrayList<@Nullable Object>(map.keySet());
            }
            case MarkedText text -> {
                limits.steps(text.length());
                yield new ArrayList<@Nullable Object>(text.characters());
            }
            case Undefined _ -> List.of();
            case null, default ->
                throw limits.refuse("expected a list, a mapping or a string, found " + describe(value));
        };
    }

    /// What a value is, for messages.
    static String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "none";
            case Boolean flag -> flag ? "true" : "false";
            case Long number -> "the number " + number;
            case Double number -> "the number " + PythonText.number(number);
            case MarkedText text ->
                text.length() <= 40 ? "the string \"" + text + "\"" : "a string of " + text.length() + " characters";
            case Tuple tuple -> "a tuple of " + tuple.size();
            case List<?> list -> "a list of " + list.size();
            case Map<?, ?> map -> "a mapping of " + map.size();
            case Undefined undefined -> "\"" + undefined.name() + "\", which is undefined";
            case Namespace _ -> "a namespace";
            case Function _ -> "a function";
            default -> "an object";
        };
    }
}
