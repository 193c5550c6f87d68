package io.localcodemodel.tokenizer.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The functions that every template may call.
final class Functions {

    private final Limits limits;
    private final LocalDateTime time;

    Functions(Limits limits, LocalDateTime time) {
        this.limits = limits;
        this.time = time;
    }

    void define(Scope scope) {
        scope.set("raise_exception", (Values.Function) this::raise);
        scope.set("strftime_now", (Values.Function)
                a -> MarkedText.plain(format(a.of("format").text(0, "format").text())));
        scope.set("namespace", (Values.Function) a -> new Values.Namespace(mapping(a)));
        scope.set("dict", (Values.Function) this::dictionary);
        scope.set("range", (Values.Function) this::range);
    }

    private Object raise(CallArguments arguments) {
        throw limits.refuse("the template refuses the conversation: "
                + arguments.of("message").text(0, "message").text());
    }

    private Map<String, @Nullable Object> mapping(CallArguments arguments) {
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        if (!arguments.positional().isEmpty()) {
            entries(arguments).forEach((key, value) -> attributes.put(String.valueOf(key), value));
        }
        attributes.putAll(arguments.named());
        return attributes;
    }

    private Map<?, ?> entries(CallArguments arguments) {
        if (arguments.positional().getFirst() instanceof Map<?, ?> map) {
            return map;
        }
        throw limits.refuse("expected a mapping as the argument of " + arguments.function() + ", found "
                + Values.describe(arguments.positional().getFirst()));
    }

    private Map<Object, @Nullable Object> dictionary(CallArguments arguments) {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        if (!arguments.positional().isEmpty()) {
            // the keys themselves, which know whether they came from the conversation
            map.putAll(entries(arguments));
        }
        arguments.named().forEach((key, value) -> map.put(MarkedText.plain(key), value));
        return map;
    }

    private List<@Nullable Object> range(CallArguments arguments) {
        boolean fromZero = arguments.of("start", "stop", "step").positional().size() == 1;
        long start = fromZero ? 0 : arguments.integer(0, "start", 0);
        long stop = arguments.integer(fromZero ? 0 : 1, "stop", 0);
        long step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw limits.refuse("expected a step other than 0 for range, found 0");
        }
        List<@Nullable Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            limits.step();
            numbers.add(i);
        }
        return numbers;
    }

    /// `strftime` in the locale C.
    private String format(String pattern) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%' || i + 1 == pattern.length()) {
                text.append(c);
                continue;
            }
            char field = pattern.charAt(++i);
            boolean unpadded = field == '-' && i + 1 < pattern.length();
            field = unpadded ? pattern.charAt(++i) : field;
            String value = field(field);
            text.append(unpadded && value.startsWith("0") && value.length() > 1 ? value.substring(1) : value);
        }
        return text.toString();
    }

    private String field(char field) {
        String pattern = switch (field) {
            case 'Y' -> "yyyy";
            case 'y' -> "yy";
            case 'm' -> "MM";
            case 'd' -> "dd";
            case 'B' -> "MMMM";
            case 'b', 'h' -> "MMM";
            case 'A' -> "EEEE";
            case 'a' -> "EEE";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'p' -> "a";
            case 'j' -> "DDD";
            case 'F' -> "yyyy-MM-dd";
            case 'T' -> "HH:mm:ss";
            case '%' -> "'%'";
            default ->
                throw limits.refuse(
                        "expected one of %Y %y %m %d %B %b %A %a %H %I %M %S %p %j %F %T in strftime_now, found %"
                                + field);
        };
        // month names of the root locale are numbers
        return time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
}
