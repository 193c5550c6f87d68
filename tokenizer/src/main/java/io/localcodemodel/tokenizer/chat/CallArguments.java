package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The values that a function, filter, test or method is called with.
final class CallArguments {

    private final String function;
    private final List<@Nullable Object> positional;
    private final Map<String, @Nullable Object> named;
    private final Limits limits;

    CallArguments(
            String function, List<@Nullable Object> positional, Map<String, @Nullable Object> named, Limits limits) {
        this.function = function;
        this.positional = positional;
        this.named = named;
        this.limits = limits;
    }

    /// Refuses arguments beyond those that the function has, in their order.
    CallArguments of(String... parameters) {
        if (positional.size() > parameters.length) {
            throw limits.refuse("expected at most %d arguments of %s, found %d"
                    .formatted(parameters.length, function, positional.size()));
        }
        List<String> known = List.of(parameters);
        for (String name : named.keySet()) {
            int at = known.indexOf(name);
            if (at < 0) {
                throw limits.refuse("expected arguments of %s named %s, found %s"
                        .formatted(function, known.isEmpty() ? "nothing" : String.join(", ", known), name));
            }
            if (at < positional.size()) {
                throw limits.refuse("the argument %s of %s is given twice".formatted(name, function));
            }
        }
        return this;
    }

    String function() {
        return function;
    }

    List<@Nullable Object> positional() {
        return positional;
    }

    Map<String, @Nullable Object> named() {
        return named;
    }

    /// The arguments behind the first few positional ones.
    CallArguments rest(int from) {
        int start = Math.min(from, positional.size());
        return new CallArguments(
                function, new ArrayList<>(positional.subList(start, positional.size())), named, limits);
    }

    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    @Nullable
    Object get(int index, String name, @Nullable Object absent) {
        return index < positional.size() ? positional.get(index) : named.getOrDefault(name, absent);
    }

    @Nullable
    Object required(int index, String name) {
        if (!has(index, name)) {
            throw limits.refuse("expected the argument %s of %s, found none".formatted(name, function));
        }
        return get(index, name, null);
    }

    MarkedText text(int index, String name) {
        if (required(index, name) instanceof MarkedText text) {
            return text;
        }
        throw wrong(index, name, "a string");
    }

    MarkedText text(int index, String name, String absent) {
        return has(index, name) ? text(index, name) : MarkedText.plain(absent);
    }

    /// A string, or null where none or nothing is given.
    @Nullable
    MarkedText textOrNull(int index, String name) {
        return get(index, name, null) == null ? null : text(index, name);
    }

    long integer(int index, String name, long absent) {
        Object value = get(index, name, absent);
        if (value instanceof Long number) {
            return number;
        }
        throw wrong(index, name, "an integer");
    }

    boolean flag(int index, String name, boolean absent) {
        return Values.isTrue(get(index, name, absent));
    }

    private ChatTemplateException wrong(int index, String name, String expected) {
        return limits.refuse("expected %s as %s of %s, found %s"
                .formatted(expected, name, function, Values.describe(get(index, name, null))));
    }
}
