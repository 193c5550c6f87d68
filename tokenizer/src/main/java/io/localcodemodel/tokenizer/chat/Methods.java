package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The methods of strings, mappings and lists. Those that would change a value are left out, as the sandbox of the
/// Hugging Face library refuses them.
final class Methods {

    private final Limits limits;

    Methods(Limits limits) {
        this.limits = limits;
    }

    /// Returns a method of a value, or null if it has none of that name.
    Values.@Nullable Function method(@Nullable Object of, String name) {
        return switch (of) {
            case MarkedText text -> charged(text, ofText(text, name));
            case Map<?, ?> map -> ofMapping(map, name);
            case List<?> list -> ofList(list, name);
            case null, default -> null;
        };
    }

    private Values.@Nullable Function charged(MarkedText text, Values.@Nullable Function function) {
        return function == null
                ? null
                : arguments -> {
                    limits.walk(text);
                    return function.call(arguments);
                };
    }

    private Values.@Nullable Function ofText(MarkedText text, String name) {
        return switch (name) {
            case "strip" -> a -> Strings.strip(text, a.of("chars").textOrNull(0, "chars"), true, true, limits);
            case "lstrip" -> a -> Strings.strip(text, a.of("chars").textOrNull(0, "chars"), true, false, limits);
            case "rstrip" -> a -> Strings.strip(text, a.of("chars").textOrNull(0, "chars"), false, true, limits);
            case "split" ->
                a -> Strings.split(
                        text, a.of("sep", "maxsplit").textOrNull(0, "sep"), a.integer(1, "maxsplit", -1), limits);
            case "rsplit" ->
                a -> Strings.splitFromRight(
                        text, a.of("sep", "maxsplit").text(0, "sep"), a.integer(1, "maxsplit", -1), limits);
            case "splitlines" -> a -> Strings.lines(text, a.of("keepends").flag(0, "keepends", false), limits);
            case "startswith" ->
                a -> anyOf(a.of("prefix"), prefix -> text.text().startsWith(prefix));
            case "endswith" -> a -> anyOf(a.of("suffix"), suffix -> text.text().endsWith(suffix));
            case "removeprefix" -> a -> removePrefix(text, a.of("prefix").text(0, "prefix"));
            case "removesuffix" -> a -> removeSuffix(text, a.of("suffix").text(0, "suffix"));
            case "upper" -> a -> text.derived(checked(a, text.text().toUpperCase(Locale.ROOT)));
            case "lower" -> a -> text.derived(checked(a, text.text().toLowerCase(Locale.ROOT)));
            case "title" -> a -> text.derived(checked(a, Strings.title(text.text())));
            case "capitalize" -> a -> text.derived(checked(a, Strings.capitalize(text.text())));
            case "replace" ->
                a -> Strings.replace(
                        text,
                        a.of("old", "new", "count").text(0, "old"),
                        a.text(1, "new"),
                        a.integer(2, "count", -1),
                        limits);
            case "find" -> a -> position(text, text.text().indexOf(searched(text, a)));
            case "rfind" -> a -> position(text, text.text().lastIndexOf(searched(text, a)));
            case "count" ->
                a -> (long) Strings.split(text, a.of("sub").text(0, "sub"), -1, limits)
                                .size()
                        - 1;
            case "join" -> a -> Strings.join(Values.items(a.of("items").required(0, "items"), limits), text, limits);
            case "isdigit" -> a -> all(text, Character::isDigit);
            case "isalpha" -> a -> all(text, Character::isLetter);
            case "isalnum" -> a -> all(text, Character::isLetterOrDigit);
            case "isspace" -> a -> all(text, PythonText::isSpace);
            case "isupper" ->
                a -> text.text().chars().anyMatch(Character::isUpperCase)
                        && text.text().chars().noneMatch(Character::isLowerCase);
            case "islower" ->
                a -> text.text().chars().anyMatch(Character::isLowerCase)
                        && text.text().chars().noneMatch(Character::isUpperCase);
            default -> null;
        };
    }

    private String checked(CallArguments arguments, String text) {
        arguments.of();
        limits.characters(0, text.length());
        return text;
    }

    private String searched(MarkedText text, CallArguments arguments) {
        MarkedText wanted = arguments.of("sub").text(0, "sub");
        limits.search(text, wanted);
        return wanted.text();
    }

    private static Long position(MarkedText text, int at) {
        return at < 0 ? -1L : text.text().codePointCount(0, at);
    }

    private static boolean all(MarkedText text, IntPredicate kind) {
        return !text.isEmpty() && text.text().codePoints().allMatch(kind);
    }

    private boolean anyOf(CallArguments arguments, Predicate<String> test) {
        Object affix =
                arguments.positional().isEmpty() ? null : arguments.positional().getFirst();
        if (affix instanceof MarkedText one) {
            return test.test(one.text());
        }
        if (affix instanceof Values.Tuple tuple) {
            return tuple.stream().anyMatch(item -> item instanceof MarkedText one && test.test(one.text()));
        }
        throw limits.refuse("expected a string or a tuple of strings for %s, found %s"
                .formatted(arguments.function(), Values.describe(affix)));
    }

    private static MarkedText removePrefix(MarkedText text, MarkedText prefix) {
        return text.text().startsWith(prefix.text()) ? text.substring(prefix.length(), text.length()) : text;
    }

    private static MarkedText removeSuffix(MarkedText text, MarkedText suffix) {
        return text.text().endsWith(suffix.text()) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private Values.@Nullable Function ofMapping(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> a -> items(map);
            case "keys" -> a -> new ArrayList<@Nullable Object>(Values.items(map, limits));
            case "values" ->
                a -> {
                    limits.steps(map.size());
                    return new ArrayList<@Nullable Object>(map.values());
                };
            case "get" ->
                a -> {
                    Object key = a.of("key", "default").required(0, "key");
                    if (key instanceof MarkedText text) {
                        limits.walk(text);
                    }
                    if (!Values.isKey(key)) {
                        return a.get(1, "default", null);
                    }
                    Object value = map.get(key);
                    return value != null || map.containsKey(key) ? value : a.get(1, "default", null);
                };
            default -> null;
        };
    }

    /// The pairs of a mapping, as tuples.
    List<@Nullable Object> items(Map<?, ?> map) {
        limits.steps(map.size());
        List<@Nullable Object> items = new ArrayList<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            List<@Nullable Object> pair = new ArrayList<>();
            pair.add(entry.getKey());
            pair.add(entry.getValue());
            items.add(new Values.Tuple(pair));
        }
        return items;
    }

    private Values.@Nullable Function ofList(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                a -> {
                    Object wanted = a.of("value").required(0, "value");
                    for (int i = 0; i < list.size(); i++) {
                        if (Values.equal(list.get(i), wanted, limits)) {
                            return (long) i;
                        }
                    }
                    throw limits.refuse("expected " + Values.describe(wanted) + " in the list, found it nowhere");
                };
            case "count" ->
                a -> {
                    Object wanted = a.of("value").required(0, "value");
                    return list.stream()
                            .filter(item -> Values.equal(item, wanted, limits))
                            .count();
                };
            default -> null;
        };
    }
}
