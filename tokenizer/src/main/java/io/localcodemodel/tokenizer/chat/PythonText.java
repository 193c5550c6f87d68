package io.localcodemodel.tokenizer.chat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How Python writes values and reads strings, on which the output of templates depends to the character.
final class PythonText {

    private PythonText() {}

    /// `str.isspace`
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static boolean isBlank(String text, int from) {
        if (from == text.length()) {
            return false;
        }
        for (int i = from; i < text.length(); i++) {
            if (!isSpace(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static int endOfStripped(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /// Reads the escapes in the contents of a string.
    ///
    /// @throws IllegalArgumentException if one is cut off or is no character
    static String unescape(String contents) {
        if (contents.indexOf('\\') < 0) {
            return contents;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < contents.length(); i++) {
            char c = contents.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = contents.charAt(++i);
            switch (escaped) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'a' -> text.append('\u0007');
                case 'v' -> text.append('\u000B');
                case '0' -> text.append('\0');
                case '\\', '\'', '"' -> text.append(escaped);
                case '\n' -> {}
                case 'x', 'u', 'U' -> {
                    int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8;
                    text.appendCodePoint(hexadecimal(contents, i + 1, digits));
                    i += digits;
                }
                default -> text.append('\\').append(escaped);
            }
        }
        return text.toString();
    }

    private static int hexadecimal(String text, int from, int digits) {
        if (from + digits > text.length()) {
            throw new IllegalArgumentException("the cut-off escape \\" + text.substring(from - 1));
        }
        String escape = text.substring(from, from + digits);
        try {
            int point = Integer.parseUnsignedInt(escape, 16);
            if (Character.isValidCodePoint(point)) {
                return point;
            }
        } catch (NumberFormatException e) {
            // the same refusal as for a number that is no character
        }
        throw new IllegalArgumentException("the escape \\" + text.charAt(from - 1) + escape);
    }

    /// `str(value)`
    static void write(MarkedText.Builder out, @Nullable Object value, Limits limits) {
        switch (value) {
            case MarkedText text -> out.append(text);
            case Values.Undefined _ -> {}
            case null, default -> represent(out, value, limits);
        }
    }

    /// `repr(value)`
    static void represent(MarkedText.Builder out, @Nullable Object value, Limits limits) {
        limits.step();
        limits.enter();
        switch (value) {
            case null -> out.append("None");
            case Boolean flag -> out.append(flag ? "True" : "False");
            case Long number -> out.append(Long.toString(number));
            case Double number -> out.append(number(number));
            case MarkedText text -> out.append(quoted(text.text()), text.hasContent());
            case Values.Tuple tuple -> {
                list(out, tuple, "(", tuple.size() == 1 ? ",)" : ")", limits);
            }
            case List<?> list -> list(out, list, "[", "]", limits);
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(separator);
                    represent(out, entry.getKey(), limits);
                    out.append(": ");
                    represent(out, entry.getValue(), limits);
                    separator = ", ";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case Values.Undefined _ -> out.append("Undefined");
            default -> throw limits.refuse("expected a value that can be written, found " + Values.describe(value));
        }
        limits.leave();
    }

    private static void list(MarkedText.Builder out, List<?> list, String open, String close, Limits limits) {
        out.append(open);
        String separator = "";
        for (Object item : list) {
            out.append(separator);
            represent(out, item, limits);
            separator = ", ";
        }
        out.append(close);
    }

    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                default -> {
                    if (c == quote) {
                        quoted.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        quoted.appendCodePoint(c);
                    } else {
                        quoted.append(
                                c < 0x100
                                        ? "\\x%02x".formatted(c)
                                        : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
                    }
                }
            }
        });
        return quoted.append(quote).toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /// `repr` of a float: the shortest digits that give the number back, with an exponent below 1e-4 and from 1e16 on.
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return Double.toString(value);
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent < -4 || exponent >= 16) {
            String digits = decimal.unscaledValue().abs().toString();
            String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            return (value < 0 ? "-" : "") + mantissa + "e" + (exponent < 0 ? "-" : "+")
                    + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
        }
        String plain = decimal.toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
}
