package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes JSON as Python's `json.dumps` does, with which the Hugging Face library replaces the filter `tojson`.
final class JsonText {

    private final Limits limits;
    private final MarkedText.Builder out;
    private final @Nullable MarkedText indent;
    private final MarkedText itemSeparator;
    private final MarkedText keySeparator;
    private final boolean ascii;
    private final boolean sorted;

    private JsonText(CallArguments arguments, Limits limits) {
        arguments.of("ensure_ascii", "indent", "separators", "sort_keys");
        this.limits = limits;
        this.out = new MarkedText.Builder(limits);
        this.ascii = arguments.flag(0, "ensure_ascii", false);
        this.indent = indent(arguments);
        this.sorted = arguments.flag(3, "sort_keys", false);
        Object separators = arguments.get(2, "separators", null);
        if (separators instanceof List<?> list && list.size() == 2) {
            this.itemSeparator = text(list.get(0));
            this.keySeparator = text(list.get(1));
        } else {
            this.itemSeparator = MarkedText.plain(indent == null ? ", " : ",");
            this.keySeparator = MarkedText.plain(": ");
        }
    }

    private static @Nullable MarkedText indent(CallArguments arguments) {
        Object indent = arguments.get(1, "indent", null);
        if (indent instanceof MarkedText text) {
            return text;
        }
        return indent == null
                ? null
                : MarkedText.plain(" ".repeat(Math.clamp(arguments.integer(1, "indent", 0), 0, 1024)));
    }

    static MarkedText of(@Nullable Object value, CallArguments arguments, Limits limits) {
        JsonText json = new JsonText(arguments, limits);
        json.write(value, 0);
        return json.out.build();
    }

    private void write(@Nullable Object value, int level) {
        limits.step();
        limits.enter();
        switch (value) {
            case null -> out.append("null");
            case Boolean flag -> out.append(flag.toString());
            case Long number -> out.append(number.toString());
            case Double number -> out.append(number(number));
            case MarkedText text -> string(text);
            case List<?> list -> list(list, level);
            case Map<?, ?> map -> map(map, level);
            default -> throw limits.refuse("expected a JSON value for tojson, found " + Values.describe(value));
        }
        limits.leave();
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value) ? value > 0 ? "Infinity" : "-Infinity" : PythonText.number(value);
    }

    private void list(List<?> list, int level) {
        out.append("[");
        boolean first = true;
        for (Object item : list) {
            separate(first, level + 1);
            first = false;
            write(item, level + 1);
        }
        close(list.isEmpty(), level);
        out.append("]");
    }

    private void map(Map<?, ?> map, int level) {
        out.append("{");
        boolean first = true;
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey(), limits));
        }
        for (Map.Entry<?, ?> entry : entries) {
            separate(first, level + 1);
            first = false;
            string(text(entry.getKey()));
            out.append(keySeparator);
            write(entry.getValue(), level + 1);
        }
        close(map.isEmpty(), level);
        out.append("}");
    }

    private static MarkedText text(@Nullable Object key) {
        return key instanceof MarkedText text ? text : MarkedText.plain(String.valueOf(key));
    }

    private void separate(boolean first, int level) {
        if (!first) {
            out.append(itemSeparator);
        }
        newLine(level);
    }

    private void close(boolean empty, int level) {
        if (!empty) {
            newLine(level);
        }
    }

    private void newLine(int level) {
        if (indent != null) {
            out.append("\n");
            for (int i = 0; i < level; i++) {
                out.append(indent);
            }
        }
    }

    private void string(MarkedText text) {
        limits.characters(0, text.length());
        StringBuilder quoted = new StringBuilder("\"");
        String all = text.text();
        for (int i = 0; i < all.length(); i++) {
            char c = all.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        quoted.append("\\u%04x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        out.append(quoted.append('"').toString(), text.hasContent());
    }
}
