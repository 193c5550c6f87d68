package io.localcodemodel.tokenizer;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Turns regular expressions as tokenizer files write them (the syntax of Oniguruma and of Rust) into those of
/// [java.util.regex].
///
/// Most of the syntax is common. What differs: here `\s`, `\w`, `\d` and letter case mean all of Unicode, scripts
/// are written `\p{IsHan}`, and `\h` is a hexadecimal digit there and a blank here.
final class RegexSyntax {

    private RegexSyntax() {}

    /// Compiles an expression.
    ///
    /// @throws PatternSyntaxException if it cannot be read
    static Pattern compile(String expression) {
        return Pattern.compile(translate(expression), Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE);
    }

    /// Refuses the field `Regex` of a file.
    static TokenizerFormatException refusal(JsonFields pattern, PatternSyntaxException e) {
        return new TokenizerFormatException(
                pattern.file(),
                pattern.place() + ".Regex",
                "a regular expression",
                e.getDescription() + " at index " + e.getIndex(),
                "The pattern uses a syntax that is not supported.",
                e);
    }

    /// Says that a text is too long for an expression.
    static IllegalArgumentException tooDeep(String expression, int bytes, StackOverflowError e) {
        return new IllegalArgumentException(
                "The pattern %s needs more stack than there is for a text of %d bytes; split the text first"
                        .formatted(expression, bytes),
                e);
    }

    static String translate(String expression) {
        StringBuilder java = new StringBuilder(expression.length() + 16);
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c != '\\' || i + 1 == expression.length()) {
                java.append(c);
                continue;
            }
            char escaped = expression.charAt(++i);
            int close = expression.indexOf('}', i);
            if (escaped == 'h') {
                java.append("[0-9a-fA-F]");
            } else if ((escaped == 'p' || escaped == 'P') && expression.startsWith("{", i + 1) && close > 0) {
                property(java, escaped, expression.substring(i + 2, close));
                i = close;
            } else {
                java.append('\\').append(escaped);
            }
        }
        return java.toString();
    }

    private static void property(StringBuilder java, char letter, String name) {
        boolean negated = name.startsWith("^");
        String plain = negated ? name.substring(1) : name;
        char sign = negated ? letter == 'p' ? 'P' : 'p' : letter;
        java.append('\\')
                .append(sign)
                .append('{')
                .append(isScript(plain) ? "Is" + plain : plain)
                .append('}');
    }

    private static boolean isScript(String name) {
        try {
            Character.UnicodeScript.forName(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
