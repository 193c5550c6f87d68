package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;

/// Cuts a template into lexemes, with white space as `trim_blocks` and `lstrip_blocks` treat it: a statement takes the
/// line feed after it and the blanks before it on its line; `-` takes all white space on its side, `+` none.
final class TemplateLexer {

    private static final String[] OPERATORS = {
        "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Lexeme> lexemes = new ArrayList<>();
    private int at;
    private int line = 1;
    private int lineCountedTo;
    /// Whether the text that comes next begins a line.
    private boolean lineBegins = true;

    private TemplateLexer(String source) {
        String unix = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
    }

    /// @throws ChatTemplateException if a tag, comment or string does not end
    static List<Lexeme> lex(String source) {
        TemplateLexer lexer = new TemplateLexer(source);
        lexer.template();
        return lexer.lexemes;
    }

    private void template() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                addText(source.substring(at));
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            addText(before(tag, kind, sign));
            at = tag + (sign == '-' || sign == '+' ? 3 : 2);
            switch (kind) {
                case '#' -> comment(tag);
                case '{' -> tag(tag, Lexeme.Kind.PRINT_BEGIN, Lexeme.Kind.PRINT_END, "}}");
                default -> {
                    if (!raw()) {
                        tag(tag, Lexeme.Kind.BLOCK_BEGIN, Lexeme.Kind.BLOCK_END, "%}");
                    }
                }
            }
        }
        add(Lexeme.Kind.END, "", source.length());
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
            if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /// The text before a tag without the white space that the tag takes.
    private String before(int tag, char kind, char sign) {
        String text = source.substring(at, tag);
        if (sign == '-') {
            return text.substring(0, PythonText.endOfStripped(text));
        }
        if (kind == '{' || sign == '+') {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean ownLine = (lineStart > 0 || lineBegins) && PythonText.isBlank(text, lineStart);
        return ownLine ? text.substring(0, lineStart) : text;
    }

    private void comment(int start) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw refuse(start, "expected #} to end the comment, found the end of the template");
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        at = end + 2;
        afterBlock(sign);
    }

    /// Goes past the white space that the end of a statement or comment takes.
    private void afterBlock(char sign) {
        if (sign == '-') {
            skipWhiteSpace();
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineBegins = source.charAt(at - 1) == '\n';
    }

    private void skipWhiteSpace() {
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
    }

    /// Reads `{% raw %} … {% endraw %}` if that is what begins here.
    private boolean raw() {
        int start = at;
        if (!rawTag("raw", false)) {
            at = start;
            return false;
        }
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
            int textStart = at;
            char sign = i + 2 < source.length() ? source.charAt(i + 2) : ' ';
            String text = before(i, '%', sign);
            at = i + (sign == '-' || sign == '+' ? 3 : 2);
            if (rawTag("endraw", true)) {
                addText(text);
                return true;
            }
            at = textStart;
        }
        throw refuse(start, "expected {% endraw %}, found the end of the template");
    }

    /// @param takesLine whether the tag takes the line feed after it, which only the one at the end does
    private boolean rawTag(String name, boolean takesLine) {
        skipWhiteSpace();
        if (!source.startsWith(name, at)) {
            return false;
        }
        at += name.length();
        skipWhiteSpace();
        char sign = at < source.length() ? source.charAt(at) : ' ';
        if (sign == '-' || sign == '+') {
            at++;
        }
        if (!source.startsWith("%}", at)) {
            return false;
        }
        at += 2;
        afterBlock(takesLine || sign == '-' ? sign : '+');
        return true;
    }

    private void tag(int start, Lexeme.Kind begin, Lexeme.Kind end, String close) {
        add(begin, "", start);
        int open = 0;
        while (true) {
            skipWhiteSpace();
            if (at >= source.length()) {
                throw refuse(start, "expected " + close + " to end the tag, found the end of the template");
            }
            if (open == 0 && endsTag(close)) {
                add(end, "", at);
                return;
            }
            char c = source.charAt(at);
            if (Character.isJavaIdentifierStart(c) && c != '$') {
                name();
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (c == '\'' || c == '"') {
                string(c);
            } else {
                String operator = operator();
                open += "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
                open = Math.max(open, 0);
            }
        }
    }

    private boolean endsTag(String close) {
        char sign = source.charAt(at);
        boolean block = close.equals("%}");
        if ((sign == '-' || (sign == '+' && block)) && source.startsWith(close, at + 1)) {
            at += 1 + close.length();
        } else if (source.startsWith(close, at)) {
            at += close.length();
            sign = ' ';
        } else {
            return false;
        }
        if (block) {
            afterBlock(sign);
        } else if (sign == '-') {
            skipWhiteSpace();
        }
        lineBegins = source.charAt(at - 1) == '\n';
        return true;
    }

    private void name() {
        int start = at;
        while (at < source.length()
                && Character.isJavaIdentifierPart(source.charAt(at))
                && source.charAt(at) != '$'
                && !Character.isIdentifierIgnorable(source.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw refuse(start, "expected a name or an operator, found U+%04X".formatted((int) source.charAt(at)));
        }
        add(Lexeme.Kind.NAME, source.substring(start, at), start);
    }

    private void number() {
        int start = at;
        skipDigits();
        boolean fraction = isDigitAfter('.');
        if (fraction) {
            at++;
            skipDigits();
        }
        boolean exponent = at < source.length() && (source.charAt(at) | 0x20) == 'e' && exponentDigits() > 0;
        if (exponent) {
            at = exponentDigits();
            skipDigits();
        }
        String digits = source.substring(start, at).replace("_", "");
        add(fraction || exponent ? Lexeme.Kind.FLOAT : Lexeme.Kind.INTEGER, digits, start);
    }

    private boolean isDigitAfter(char sign) {
        return at + 1 < source.length() && source.charAt(at) == sign && isDigit(source.charAt(at + 1));
    }

    /// Where the digits of an exponent begin, or 0.
    private int exponentDigits() {
        int i = at + 1;
        if (i < source.length() && (source.charAt(i) == '+' || source.charAt(i) == '-')) {
            i++;
        }
        return i < source.length() && isDigit(source.charAt(i)) ? i : 0;
    }

    private void skipDigits() {
        while (at < source.length() && (isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
            at++;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void string(char quote) {
        int start = at++;
        while (at < source.length() && source.charAt(at) != quote) {
            at += source.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= source.length()) {
            throw refuse(start, "expected " + quote + " to end the string, found the end of the template");
        }
        try {
            add(Lexeme.Kind.STRING, PythonText.unescape(source.substring(start + 1, at)), start);
        } catch (IllegalArgumentException e) {
            throw refuse(start, "expected a string, found " + e.getMessage());
        }
        at++;
    }

    private String operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                add(Lexeme.Kind.OPERATOR, operator, at);
                at += operator.length();
                return operator;
            }
        }
        throw refuse(at, "expected a name, a value or an operator, found \"" + source.charAt(at) + "\"");
    }

    private void addText(String text) {
        if (!text.isEmpty()) {
            add(Lexeme.Kind.TEXT, text, at);
        }
    }

    private void add(Lexeme.Kind kind, String text, int place) {
        lexemes.add(new Lexeme(kind, text, lineAt(place)));
    }

    private int lineAt(int place) {
        for (; lineCountedTo < place; lineCountedTo++) {
            if (source.charAt(lineCountedTo) == '\n') {
                line++;
            }
        }
        return line;
    }

    private ChatTemplateException refuse(int place, String problem) {
        return new ChatTemplateException(lineAt(place), problem);
    }
}
