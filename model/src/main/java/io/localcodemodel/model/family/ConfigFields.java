package io.localcodemodel.model.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys of a `config.json`, read with their types; what is missing or malformed is collected, not thrown, so that
/// all of it can be told at once.
public final class ConfigFields {
    private final Map<?, ?> values;
    private final String prefix;
    private final List<String> problems;

    /// The keys of an object.
    public ConfigFields(Map<String, @Nullable Object> values) {
        this(values, "", new ArrayList<>());
    }

    private ConfigFields(Map<?, ?> values, String prefix, List<String> problems) {
        this.values = values;
        this.prefix = prefix;
        this.problems = problems;
    }

    /// What was wrong so far.
    public List<String> problems() {
        return problems;
    }

    /// Whether the key is there and not null.
    public boolean has(String key) {
        return values.get(key) != null;
    }

    /// Adds a problem of a key, once however often the key is read.
    public void problem(String key, String problem) {
        String told = prefix + key + ": " + problem;
        if (!problems.contains(told)) {
            problems.add(told);
        }
    }

    /// A whole number that has to be there.
    public int integer(String key) {
        if (!has(key)) {
            problem(key, "expected a whole number, found nothing");
            return 1;
        }
        return integer(key, 1);
    }

    /// A whole number, or another where the key is missing or null.
    public int integer(String key, int otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Integer number) {
            return number;
        }
        problem(key, "expected a whole number below 2^31, found " + value);
        return otherwise;
    }

    /// A number that has to be there.
    public double number(String key) {
        if (!has(key)) {
            problem(key, "expected a number, found nothing");
            return 1;
        }
        return number(key, 1);
    }

    /// A number, or another where the key is missing or null.
    public double number(String key, double otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        problem(key, "expected a number, found " + value);
        return otherwise;
    }

    /// A truth value, or another where the key is missing or null.
    public boolean flag(String key, boolean otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        problem(key, "expected true or false, found " + value);
        return otherwise;
    }

    /// A text, or another where the key is missing or null.
    public String text(String key, String otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text) {
            return text;
        }
        problem(key, "expected a text, found " + value);
        return otherwise;
    }

    /// A list of numbers, or an empty one where the key is missing or null.
    public List<Double> numbers(String key) {
        Object value = values.get(key);
        List<Double> numbers = new ArrayList<>();
        if (value == null) {
            return numbers;
        }
        if (value instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Number number) {
                    numbers.add(number.doubleValue());
                }
            }
            if (numbers.size() == list.size()) {
                return numbers;
            }
        }
        problem(key, "expected a list of numbers, found " + value);
        return List.of();
    }

    /// An object, or null where the key is missing or null.
    public @Nullable ConfigFields object(String key) {
        Object value = values.get(key);
        if (value == null) {
            return null;
        }
        if (value instanceof Map<?, ?> map) {
            return new ConfigFields(map, prefix + key + ".", problems);
        }
        problem(key, "expected an object, found " + value);
        return null;
    }

    /// Complains where a switch of the family is not as the only supported value.
    public void requireFlag(String key, boolean supported) {
        if (flag(key, supported) != supported) {
            problem(key, "only " + supported + " is supported");
        }
    }

    /// A float as the decimal number that stands for it, so that JSON shows 1.0E-5 and not its binary neighbour.
    public static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }
}
