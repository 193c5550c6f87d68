package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A JSON object with its place in the file, read field by field.
///
/// Every accessor either returns a value of the type asked for or throws a [TokenizerFormatException] that names
/// the place, so that the readers of the stages hold no checks of their own.
final class JsonFields {

    private final String file;
    private final String place;
    private final Map<?, ?> values;

    JsonFields(String file, String place, Map<?, ?> values) {
        this.file = file;
        this.place = place;
        this.values = values;
    }

    String file() {
        return file;
    }

    String place() {
        return place;
    }

    Map<?, ?> values() {
        return values;
    }

    private String placeOf(String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    String string(String name) throws TokenizerFormatException {
        if (values.get(name) instanceof String string) {
            return string;
        }
        throw refuse(name, "a string");
    }

    @Nullable
    String stringOrNull(String name) throws TokenizerFormatException {
        return has(name) ? string(name) : null;
    }

    String string(String name, String missing) throws TokenizerFormatException {
        return has(name) ? string(name) : missing;
    }

    /// Returns the code point of a string of one character.
    int character(String name) throws TokenizerFormatException {
        String string = string(name);
        if (string.isEmpty() || string.codePointCount(0, string.length()) != 1) {
            throw refuse(name, "one character");
        }
        return string.codePointAt(0);
    }

    boolean bool(String name, boolean missing) throws TokenizerFormatException {
        if (!has(name)) {
            return missing;
        }
        if (values.get(name) instanceof Boolean value) {
            return value;
        }
        throw refuse(name, "true or false");
    }

    int integer(String name) throws TokenizerFormatException {
        if (values.get(name) instanceof Number number && isInt(number)) {
            return number.intValue();
        }
        throw refuse(name, "an integer");
    }

    int integer(String name, int missing) throws TokenizerFormatException {
        return has(name) ? integer(name) : missing;
    }

    double decimal(String name, double missing) throws TokenizerFormatException {
        if (!has(name)) {
            return missing;
        }
        if (values.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw refuse(name, "a number");
    }

    /// Whether a JSON number is a whole number that an `int` holds.
    static boolean isInt(Number number) {
        return (number instanceof Integer || number instanceof Long) && number.intValue() == number.longValue();
    }

    JsonFields object(String name) throws TokenizerFormatException {
        if (values.get(name) instanceof Map<?, ?> map) {
            return new JsonFields(file, placeOf(name), map);
        }
        throw refuse(name, "an object");
    }

    @Nullable
    JsonFields objectOrNull(String name) throws TokenizerFormatException {
        return has(name) ? object(name) : null;
    }

    List<?> list(String name) throws TokenizerFormatException {
        if (values.get(name) instanceof List<?> list) {
            return list;
        }
        throw refuse(name, "a list");
    }

    /// Returns a list of objects; a missing list is empty.
    List<JsonFields> objects(String name) throws TokenizerFormatException {
        List<JsonFields> objects = new ArrayList<>();
        if (has(name)) {
            for (Object element : list(name)) {
                String at = placeOf(name) + "[" + objects.size() + "]";
                if (!(element instanceof Map<?, ?> map)) {
                    throw new TokenizerFormatException(file, at, "an object", describe(element), NEXT);
                }
                objects.add(new JsonFields(file, at, map));
            }
        }
        return objects;
    }

    /// Refuses the value of a field.
    TokenizerFormatException refuse(String name, String expected) {
        return refuse(name, expected, describe(values.get(name)));
    }

    /// Refuses a field, saying in words what was found.
    TokenizerFormatException refuse(String name, String expected, String found) {
        return new TokenizerFormatException(file, placeOf(name), expected, found, NEXT);
    }

    /// Refuses a tag that is in no table, and lists the ones that are.
    TokenizerFormatException unknownTag(String tag, Iterable<String> known) {
        TreeSet<String> sorted = new TreeSet<>();
        known.forEach(sorted::add);
        return new TokenizerFormatException(
                file,
                placeOf("type"),
                "one of " + String.join(", ", sorted),
                '"' + shorten(tag) + '"',
                "A stage of this kind is not supported; the tokenizer cannot be used without it.");
    }

    /// Returns a JSON object with two fields that keeps their order, as [Map#of] does not.
    static Map<String, Object> objectOf(String firstName, Object first, String secondName, Object second) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(firstName, first);
        json.put(secondName, second);
        return json;
    }

    static String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case String string -> '"' + shorten(string) + '"';
            case Map<?, ?> map -> "an object with " + map.size() + " fields";
            case List<?> list -> "a list of " + list.size();
            default -> shorten(String.valueOf(value));
        };
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private static final String NEXT = "Check that the file is whole and was written for this kind of tokenizer.";
}
