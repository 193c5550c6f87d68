package io.localcodemodel.tokenizer.chat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What may stand after `is`.
final class Tests {

    private static final Set<String> NAMES = new TreeSet<>(Set.of(
            "defined",
            "undefined",
            "none",
            "string",
            "mapping",
            "iterable",
            "sequence",
            "number",
            "integer",
            "float",
            "boolean",
            "true",
            "false",
            "even",
            "odd",
            "divisibleby",
            "equalto",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "lessthan",
            "greaterthan",
            "sameas",
            "in",
            "upper",
            "lower",
            "callable"));

    private final Limits limits;
    private final Operators operators;

    Tests(Limits limits) {
        this.limits = limits;
        this.operators = new Operators(limits);
    }

    static void requireKnown(String name, int line) {
        if (!NAMES.contains(name)) {
            throw new ChatTemplateException(
                    line, "expected a test (" + String.join(", ", NAMES) + "), found \"" + name + "\"");
        }
    }

    boolean test(String name, @Nullable Object value, CallArguments arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Values.Undefined);
            case "undefined" -> value instanceof Values.Undefined;
            case "none" -> value == null;
            case "string" -> value instanceof MarkedText;
            case "mapping" -> value instanceof Map;
            case "iterable" ->
                value instanceof MarkedText
                        || value instanceof List
                        || value instanceof Map
                        || value instanceof Values.Undefined;
            case "sequence" -> value instanceof MarkedText || value instanceof List || value instanceof Map;
            case "number" -> value instanceof Number || value instanceof Boolean;
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "even" -> remainder(value, 2) == 0;
            case "odd" -> remainder(value, 2) == 1;
            case "divisibleby" -> remainder(value, arguments.of("num").integer(0, "num", 0)) == 0;
            case "equalto", "eq" -> operators.compare("==", value, arguments.required(0, "other"));
            case "ne" -> operators.compare("!=", value, arguments.required(0, "other"));
            case "lt", "lessthan" -> operators.compare("<", value, arguments.required(0, "other"));
            case "le" -> operators.compare("<=", value, arguments.required(0, "other"));
            case "gt", "greaterthan" -> operators.compare(">", value, arguments.required(0, "other"));
            case "ge" -> operators.compare(">=", value, arguments.required(0, "other"));
            case "sameas" -> isSame(value, arguments.required(0, "other"));
            case "in" -> operators.contains(arguments.required(0, "sequence"), value);
            case "upper" ->
                value instanceof MarkedText text
                        && text.text().chars().anyMatch(Character::isUpperCase)
                        && text.text().chars().noneMatch(Character::isLowerCase);
            case "lower" ->
                value instanceof MarkedText text
                        && text.text().chars().anyMatch(Character::isLowerCase)
                        && text.text().chars().noneMatch(Character::isUpperCase);
            case "callable" -> value instanceof Values.Function;
            default -> {
                requireKnown(name, limits.line());
                throw new AssertionError(name);
            }
        };
    }

    @SuppressWarnings("ReferenceEquality") // the test asks whether it is the same object
    private static boolean isSame(@Nullable Object value, @Nullable Object other) {
        boolean byValue = value == null || value instanceof Boolean || value instanceof Long;
        return byValue ? Objects.equals(value, other) : value == other;
    }

    private long remainder(@Nullable Object value, long divisor) {
        if (value instanceof Long number && divisor != 0) {
            return Math.floorMod(number, divisor);
        }
        throw limits.refuse(
                "expected an integer and a divisor other than 0, found " + Values.describe(value) + " and " + divisor);
    }
}
