package io.localcodemodel.tokenizer.chat;

import java.util.List;

/// The lexemes of a template, read one by one.
final class LexemeStream {

    private final List<Lexeme> lexemes;
    private int at;
    private int depth;

    LexemeStream(List<Lexeme> lexemes) {
        this.lexemes = lexemes;
    }

    Lexeme current() {
        return lexemes.get(at);
    }

    Lexeme following() {
        return lexemes.get(Math.min(at + 1, lexemes.size() - 1));
    }

    int line() {
        return current().line();
    }

    Lexeme next() {
        Lexeme current = current();
        if (at < lexemes.size() - 1) {
            at++;
        }
        return current;
    }

    /// Goes past an operator if it comes next, and says whether it did.
    boolean skipOperator(String operator) {
        boolean there = current().isOperator(operator);
        if (there) {
            next();
        }
        return there;
    }

    /// Goes past a word if it comes next, and says whether it did.
    boolean skipName(String name) {
        boolean there = current().isName(name);
        if (there) {
            next();
        }
        return there;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw expected("\"" + operator + "\"");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw expected("\"" + name + "\"");
        }
    }

    Lexeme expect(Lexeme.Kind kind) {
        if (!current().is(kind)) {
            throw expected(kind.label());
        }
        return next();
    }

    ChatTemplateException expected(String what) {
        return new ChatTemplateException(
                line(), "expected " + what + ", found " + current().describe());
    }

    /// Counts a level of nesting.
    void enter() {
        if (++depth > Limits.DEPTH / 3) {
            throw new ChatTemplateException(
                    line(), "expressions and statements are more than " + Limits.DEPTH / 3 + " levels deep");
        }
    }

    void leave() {
        depth--;
    }
}
