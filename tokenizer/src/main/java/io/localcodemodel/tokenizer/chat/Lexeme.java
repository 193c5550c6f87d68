package io.localcodemodel.tokenizer.chat;

/// The smallest parts of a template.
///
/// @param kind what it is
/// @param text the text, name, operator, or the contents of a string
/// @param line where it stands, counted from 1
record Lexeme(Kind kind, String text, int line) {

    enum Kind {
        /// Text between tags.
        TEXT("text"),
        /// `{{`
        PRINT_BEGIN("{{"),
        /// `}}`
        PRINT_END("}}"),
        /// `{%`
        BLOCK_BEGIN("{%"),
        /// `%}`
        BLOCK_END("%}"),
        NAME("a name"),
        STRING("a string"),
        INTEGER("an integer"),
        FLOAT("a number"),
        OPERATOR("an operator"),
        END("the end of the template");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /// What it is, for messages.
    String describe() {
        return switch (kind) {
            case NAME, INTEGER, FLOAT, OPERATOR -> "\"" + text + "\"";
            case STRING -> "the string \"" + text + "\"";
            case TEXT, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> kind.label();
        };
    }
}
