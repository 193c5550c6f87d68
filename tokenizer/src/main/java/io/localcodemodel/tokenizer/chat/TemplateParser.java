package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the statements of a template.
final class TemplateParser {

    private static final String KNOWN = "if, for, set, macro, generation, break, continue, raw";

    private final LexemeStream lexemes;
    private final ExpressionParser expressions;
    private int loops;

    private TemplateParser(String source) {
        this.lexemes = new LexemeStream(TemplateLexer.lex(source));
        this.expressions = new ExpressionParser(lexemes);
    }

    /// @throws ChatTemplateException if the template cannot be read
    static List<Statement> parse(String source) {
        TemplateParser parser = new TemplateParser(source);
        List<Statement> statements = parser.statements(Set.of());
        parser.lexemes.expect(Lexeme.Kind.END);
        return statements;
    }

    /// Reads up to a statement that begins with one of some words, whose beginning is then gone past, or to the end.
    private List<Statement> statements(Set<String> until) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Lexeme lexeme = lexemes.current();
            switch (lexeme.kind()) {
                case TEXT -> {
                    lexemes.next();
                    statements.add(new Statement.Literal(MarkedText.plain(lexeme.text())));
                }
                case PRINT_BEGIN -> {
                    lexemes.next();
                    statements.add(new Statement.Print(lexeme.line(), expressions.tuple()));
                    lexemes.expect(Lexeme.Kind.PRINT_END);
                }
                case BLOCK_BEGIN -> {
                    lexemes.next();
                    if (lexemes.current().is(Lexeme.Kind.NAME)
                            && until.contains(lexemes.current().text())) {
                        return statements;
                    }
                    lexemes.enter();
                    statements.add(statement());
                    lexemes.leave();
                }
                default -> {
                    if (!until.isEmpty()) {
                        throw lexemes.expected("{% "
                                + String.join(
                                        " %} or {% ", until.stream().sorted().toList()) + " %}");
                    }
                    return statements;
                }
            }
        }
    }

    private Statement statement() {
        Lexeme name = lexemes.expect(Lexeme.Kind.NAME);
        return switch (name.text()) {
            case "if" -> ifElse(name.line());
            case "for" -> loop(name.line());
            case "set" -> set(name.line());
            case "macro" -> macro(name.line());
            case "generation" -> {
                blockEnd();
                List<Statement> body = statements(Set.of("endgeneration"));
                end("endgeneration");
                yield new Statement.Group(body);
            }
            case "break" -> {
                inLoop(name);
                yield new Statement.Break(name.line());
            }
            case "continue" -> {
                inLoop(name);
                yield new Statement.Continue(name.line());
            }
            default ->
                throw new ChatTemplateException(
                        name.line(), "expected a statement (" + KNOWN + "), found " + name.describe());
        };
    }

    private void blockEnd() {
        lexemes.expect(Lexeme.Kind.BLOCK_END);
    }

    private void end(String word) {
        lexemes.expectName(word);
        blockEnd();
    }

    private void inLoop(Lexeme name) {
        if (loops == 0) {
            throw new ChatTemplateException(
                    name.line(), "expected " + name.describe() + " inside a for, found it outside");
        }
        blockEnd();
    }

    private Statement ifElse(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            conditions.add(expressions.tuple());
            blockEnd();
            bodies.add(statements(Set.of("elif", "else", "endif")));
        } while (lexemes.skipName("elif"));
        if (lexemes.skipName("else")) {
            blockEnd();
            otherwise = statements(Set.of("endif"));
        }
        end("endif");
        return new Statement.If(line, conditions, bodies, otherwise);
    }

    private Statement loop(int line) {
        List<String> names = new ArrayList<>();
        boolean parentheses = lexemes.skipOperator("(");
        do {
            names.add(lexemes.expect(Lexeme.Kind.NAME).text());
        } while (lexemes.skipOperator(","));
        if (parentheses) {
            lexemes.expectOperator(")");
        }
        lexemes.expectName("in");
        Expression values = expressions.tupleWithoutCondition();
        Expression condition = lexemes.skipName("if") ? expressions.expression() : null;
        blockEnd();
        loops++;
        List<Statement> body = statements(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (lexemes.skipName("else")) {
            blockEnd();
            otherwise = statements(Set.of("endfor"));
        }
        end("endfor");
        return new Statement.For(line, names, values, condition, body, otherwise);
    }

    private Statement set(int line) {
        List<Statement.Target> targets = new ArrayList<>();
        do {
            String name = lexemes.expect(Lexeme.Kind.NAME).text();
            String attribute =
                    lexemes.skipOperator(".") ? lexemes.expect(Lexeme.Kind.NAME).text() : null;
            targets.add(new Statement.Target(name, attribute));
        } while (lexemes.skipOperator(","));
        if (lexemes.skipOperator("=")) {
            Expression value = expressions.tuple();
            blockEnd();
            return new Statement.Set(line, targets, value);
        }
        if (targets.size() > 1) {
            throw lexemes.expected("\"=\"");
        }
        blockEnd();
        List<Statement> body = statements(Set.of("endset"));
        end("endset");
        return new Statement.SetBlock(line, targets.getFirst(), body);
    }

    private Statement macro(int line) {
        String name = lexemes.expect(Lexeme.Kind.NAME).text();
        lexemes.expectOperator("(");
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expression> defaults = new ArrayList<>();
        while (!lexemes.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                lexemes.expectOperator(",");
                if (lexemes.skipOperator(")")) {
                    break;
                }
            }
            parameters.add(lexemes.expect(Lexeme.Kind.NAME).text());
            defaults.add(lexemes.skipOperator("=") ? expressions.expression() : null);
        }
        blockEnd();
        int outer = loops;
        loops = 0;
        List<Statement> body = statements(Set.of("endmacro"));
        loops = outer;
        end("endmacro");
        return new Statement.Macro(line, name, parameters, defaults, body);
    }
}
