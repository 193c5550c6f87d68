package io.localcodemodel.tokenizer.chat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What may stand after `|`.
final class Filters {

    private static final Set<String> NAMES = new TreeSet<>(Set.of(
            "abs",
            "capitalize",
            "count",
            "d",
            "default",
            "dictsort",
            "first",
            "float",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "unique",
            "upper"));

    private final Limits limits;
    private final ListFilters lists;

    Filters(Evaluator evaluator, Tests tests, Limits limits) {
        this.limits = limits;
        this.lists = new ListFilters(this, evaluator, tests, limits);
    }

    static void requireKnown(String name, int line) {
        if (!NAMES.contains(name)) {
            throw new ChatTemplateException(
                    line, "expected a filter (" + String.join(", ", NAMES) + "), found \"" + name + "\"");
        }
    }

    @Nullable
    Object apply(String name, @Nullable Object value, CallArguments arguments) {
        return switch (name) {
            case "default", "d" -> orDefault(value, arguments.of("default_value", "boolean"));
            case "tojson" -> JsonText.of(value, arguments, limits);
            case "length", "count" -> length(value);
            case "abs", "round", "int", "float" -> number(name, value, arguments);
            case "string", "safe" -> text(value);
            case "trim" -> Strings.strip(text(value), arguments.of("chars").textOrNull(0, "chars"), true, true, limits);
            case "upper" -> derived(text(value), text(value).text().toUpperCase(Locale.ROOT));
            case "lower" -> derived(text(value), text(value).text().toLowerCase(Locale.ROOT));
            case "capitalize" ->
                derived(text(value), Strings.capitalize(text(value).text()));
            case "title" -> derived(text(value), Strings.title(text(value).text()));
            case "replace" -> {
                arguments.of("old", "new", "count");
                yield Strings.replace(
                        text(value),
                        text(arguments.required(0, "old")),
                        text(arguments.required(1, "new")),
                        arguments.get(2, "count", null) == null ? -1 : arguments.integer(2, "count", -1),
                        limits);
            }
            case "indent" -> indent(text(value), arguments.of("width", "first", "blank"));
            case "reverse" -> value instanceof MarkedText text ? reversed(text) : lists.reversed(value);
            default -> {
                requireKnown(name, limits.line());
                yield lists.apply(name, value, arguments);
            }
        };
    }

    private static @Nullable Object orDefault(@Nullable Object value, CallArguments arguments) {
        boolean absent =
                value instanceof Values.Undefined || (arguments.flag(1, "boolean", false) && !Values.isTrue(value));
        return absent ? arguments.get(0, "default_value", MarkedText.EMPTY) : value;
    }

    private Long length(@Nullable Object value) {
        return switch (value) {
            case MarkedText text -> (long) text.points();
            case List<?> list -> (long) list.size();
            case Map<?, ?> map -> (long) map.size();
            case Values.Undefined _ -> 0L;
            case null, default ->
                throw limits.refuse("expected a list, a mapping or a string to take the length of, found "
                        + Values.describe(value));
        };
    }

    /// `str(value)`
    MarkedText text(@Nullable Object value) {
        if (value instanceof MarkedText text) {
            return text;
        }
        MarkedText.Builder text = new MarkedText.Builder(limits);
        PythonText.write(text, value, limits);
        return text.build();
    }

    private MarkedText derived(MarkedText text, String other) {
        limits.characters(0, other.length());
        return text.derived(other);
    }

    private MarkedText reversed(MarkedText text) {
        limits.steps(text.length());
        return Strings.join(text.characters().reversed(), MarkedText.EMPTY, limits);
    }

    private MarkedText indent(MarkedText text, CallArguments arguments) {
        Object width = arguments.get(0, "width", 4L);
        MarkedText blanks = width instanceof MarkedText given
                ? given
                : MarkedText.plain(" ".repeat(Math.clamp(arguments.integer(0, "width", 4), 0, 1024)));
        boolean first = arguments.flag(1, "first", false);
        boolean blank = arguments.flag(2, "blank", false);
        MarkedText.Builder indented = new MarkedText.Builder(limits);
        // a line feed at the end begins another, empty line
        List<@Nullable Object> lines = Strings.split(text, MarkedText.plain("\n"), -1, limits);
        for (int i = 0; i < lines.size(); i++) {
            MarkedText line = (MarkedText) Objects.requireNonNull(lines.get(i));
            if (i > 0) {
                indented.append("\n", text.hasContent());
            }
            if (i == 0 ? first : blank || !line.isEmpty()) {
                indented.append(blanks);
            }
            indented.append(line);
        }
        return indented.build();
    }

    private @Nullable Object number(String name, @Nullable Object value, CallArguments arguments) {
        return switch (name) {
            case "int" -> integer(value, arguments.of("default", "base").get(0, "default", 0L));
            case "float" -> real(value, arguments.of("default").get(0, "default", 0.0));
            case "abs" ->
                switch (value) {
                    case Long number when number != Long.MIN_VALUE -> Math.abs(number);
                    case Double number -> Math.abs(number);
                    case null, default -> throw limits.refuse("expected a number, found " + Values.describe(value));
                };
            default -> round(value, arguments.of("precision", "method"));
        };
    }

    private static @Nullable Object integer(@Nullable Object value, @Nullable Object absent) {
        try {
            return switch (value) {
                case Long number -> number;
                case Double number -> Double.isFinite(number) ? (Object) number.longValue() : absent;
                case Boolean flag -> flag ? 1L : 0L;
                case MarkedText text -> {
                    String digits = text.text().strip();
                    yield digits.matches("[+-]?\\d{1,18}")
                            ? (Object) Long.valueOf(digits)
                            : (long) Double.parseDouble(digits);
                }
                case null, default -> absent;
            };
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    private static @Nullable Object real(@Nullable Object value, @Nullable Object absent) {
        try {
            return switch (value) {
                case Number number -> number.doubleValue();
                case Boolean flag -> flag ? 1.0 : 0.0;
                case MarkedText text -> Double.parseDouble(text.text().strip());
                case null, default -> absent;
            };
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    private Double round(@Nullable Object value, CallArguments arguments) {
        if (!(value instanceof Number number)) {
            throw limits.refuse("expected a number, found " + Values.describe(value));
        }
        long precision = Math.clamp(arguments.integer(0, "precision", 0), -300, 300);
        String method = arguments.text(1, "method", "common").text();
        double x = number.doubleValue();
        RoundingMode mode = switch (method) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw limits.refuse("expected common, ceil or floor, found \"" + method + "\"");
        };
        return Double.isFinite(x)
                ? new BigDecimal(x).setScale((int) precision, mode).doubleValue()
                : x;
    }

    /// Applies a filter by its name, as `map` does.
    @Nullable
    Object applyNamed(CallArguments arguments, @Nullable Object value, List<@Nullable Object> rest) {
        String name = arguments.text(0, "name").text();
        requireKnown(name, limits.line());
        return apply(name, value, new CallArguments(name, new ArrayList<>(rest), arguments.named(), limits));
    }
}
