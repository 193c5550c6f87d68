package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The filters that take a list.
final class ListFilters {

    private final Filters filters;
    private final Evaluator evaluator;
    private final Tests tests;
    private final Limits limits;

    ListFilters(Filters filters, Evaluator evaluator, Tests tests, Limits limits) {
        this.filters = filters;
        this.evaluator = evaluator;
        this.tests = tests;
        this.limits = limits;
    }

    @Nullable
    Object apply(String name, @Nullable Object value, CallArguments arguments) {
        return switch (name) {
            case "items" -> pairs(value);
            case "dictsort" -> sorted(pairs(value), new CallArguments(name, List.of(), Map.of(), limits));
            default -> apply(name, Values.items(value, limits), arguments);
        };
    }

    private @Nullable Object apply(String name, List<@Nullable Object> items, CallArguments arguments) {
        limits.steps(items.size());
        return switch (name) {
            case "list" -> new ArrayList<>(items);
            case "first" -> items.isEmpty() ? new Values.Undefined("the first of nothing") : items.getFirst();
            case "last" -> items.isEmpty() ? new Values.Undefined("the last of nothing") : items.getLast();
            case "join" -> join(items, arguments.of("d", "attribute"));
            case "map" -> mapped(items, arguments);
            case "select" -> selected(items, arguments, false, true);
            case "reject" -> selected(items, arguments, false, false);
            case "selectattr" -> selected(items, arguments, true, true);
            case "rejectattr" -> selected(items, arguments, true, false);
            case "sort" -> sorted(items, arguments.of("reverse", "case_sensitive", "attribute"));
            case "unique" -> unique(items, arguments.of("case_sensitive", "attribute"));
            case "sum" -> sum(items, arguments.of("attribute", "start"));
            case "min" -> extreme(items, -1);
            case "max" -> extreme(items, 1);
            default -> throw new AssertionError(name);
        };
    }

    private List<@Nullable Object> pairs(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> new Methods(limits).items(map);
            case Values.Undefined _ -> List.of();
            case null, default -> throw limits.refuse("expected a mapping, found " + Values.describe(value));
        };
    }

    List<@Nullable Object> reversed(@Nullable Object value) {
        List<@Nullable Object> items = Values.items(value, limits);
        limits.steps(items.size());
        return new ArrayList<>(items.reversed());
    }

    private MarkedText join(List<@Nullable Object> items, CallArguments arguments) {
        List<@Nullable Object> parts =
                arguments.has(1, "attribute") ? attributes(items, arguments.required(1, "attribute")) : items;
        return Strings.join(parts, filters.text(arguments.get(0, "d", MarkedText.EMPTY)), limits);
    }

    private List<@Nullable Object> mapped(List<@Nullable Object> items, CallArguments arguments) {
        if (arguments.positional().isEmpty()) {
            arguments.of("attribute", "default");
            List<@Nullable Object> values = attributes(items, arguments.required(0, "attribute"));
            if (arguments.named().containsKey("default")) {
                values.replaceAll(value ->
                        value instanceof Values.Undefined ? arguments.named().get("default") : value);
            }
            return values;
        }
        List<@Nullable Object> values = new ArrayList<>();
        List<@Nullable Object> rest = arguments.rest(1).positional();
        for (Object item : items) {
            values.add(filters.applyNamed(arguments, item, rest));
        }
        return values;
    }

    private List<@Nullable Object> attributes(List<@Nullable Object> items, @Nullable Object path) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object item : items) {
            values.add(attribute(item, path));
        }
        return values;
    }

    /// An attribute, or with dots an attribute of an attribute.
    private @Nullable Object attribute(@Nullable Object item, @Nullable Object path) {
        if (!(path instanceof MarkedText text)) {
            return evaluator.item(item, path);
        }
        Object value = item;
        for (String name : text.text().split("\\.", -1)) {
            boolean index =
                    !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
            value = evaluator.item(value, index ? (Object) Long.valueOf(name) : MarkedText.plain(name));
        }
        return value;
    }

    private List<@Nullable Object> selected(
            List<@Nullable Object> items, CallArguments arguments, boolean byAttribute, boolean wanted) {
        int first = byAttribute ? 1 : 0;
        String test = arguments.positional().size() > first
                ? arguments.text(first, "test").text()
                : null;
        if (test != null) {
            Tests.requireKnown(test, limits.line());
        }
        CallArguments rest = arguments.rest(first + 1);
        List<@Nullable Object> selected = new ArrayList<>();
        for (Object item : items) {
            limits.step();
            Object value = byAttribute ? attribute(item, arguments.required(0, "attribute")) : item;
            boolean passes = test == null ? Values.isTrue(value) : tests.test(test, value, rest);
            if (passes == wanted) {
                selected.add(item);
            }
        }
        return selected;
    }

    /// A stable merge sort, which takes no comparison for consistent: a list of a template may hold anything.
    private List<@Nullable Object> sorted(List<@Nullable Object> items, CallArguments arguments) {
        boolean caseSensitive = arguments.flag(1, "case_sensitive", false);
        Object attribute = arguments.get(2, "attribute", null);
        List<Keyed> keyed = new ArrayList<>();
        for (Object item : items) {
            Object key = attribute == null ? item : attribute(item, attribute);
            keyed.add(new Keyed(caseSensitive ? key : folded(key), item));
        }
        boolean reverse = arguments.flag(0, "reverse", false);
        keyed.sort((a, b) ->
                reverse ? Values.compare(b.key(), a.key(), limits) : Values.compare(a.key(), b.key(), limits));
        List<@Nullable Object> sorted = new ArrayList<>();
        keyed.forEach(item -> sorted.add(item.item()));
        return sorted;
    }

    private record Keyed(@Nullable Object key, @Nullable Object item) {}

    private static @Nullable Object folded(@Nullable Object key) {
        return switch (key) {
            case MarkedText text -> MarkedText.plain(text.text().toLowerCase(Locale.ROOT));
            case Values.Tuple pair
            when pair.size() == 2 && pair.get(0) instanceof MarkedText text ->
                MarkedText.plain(text.text().toLowerCase(Locale.ROOT));
            case null, default -> key;
        };
    }

    private List<@Nullable Object> unique(List<@Nullable Object> items, CallArguments arguments) {
        Object attribute = arguments.get(1, "attribute", null);
        boolean caseSensitive = arguments.flag(0, "case_sensitive", false);
        List<@Nullable Object> keys = new ArrayList<>();
        List<@Nullable Object> unique = new ArrayList<>();
        Operators operators = new Operators(limits);
        for (Object item : items) {
            Object key = attribute == null ? item : attribute(item, attribute);
            key = caseSensitive ? key : folded(key);
            if (!operators.contains(keys, key)) {
                keys.add(key);
                unique.add(item);
            }
        }
        return unique;
    }

    private @Nullable Object sum(List<@Nullable Object> items, CallArguments arguments) {
        Object attribute = arguments.get(0, "attribute", null);
        Object sum = arguments.get(1, "start", 0L);
        Operators operators = new Operators(limits);
        for (Object item : items) {
            sum = operators.arithmetic("+", sum, attribute == null ? item : attribute(item, attribute));
        }
        return sum;
    }

    private @Nullable Object extreme(List<@Nullable Object> items, int sign) {
        if (items.isEmpty()) {
            return new Values.Undefined("the extreme of nothing");
        }
        Object extreme = items.getFirst();
        for (Object item : items) {
            extreme = Values.compare(folded(item), folded(extreme), limits) * sign > 0 ? item : extreme;
        }
        return extreme;
    }
}
