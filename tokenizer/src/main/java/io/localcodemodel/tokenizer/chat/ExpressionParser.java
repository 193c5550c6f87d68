package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads expressions by recursive descent. From what binds least to what binds most: `if else`, `or`, `and`, `not`,
/// comparisons, `+ -`, `~`, `* / // %`, `**`, signs, filters and tests, and what follows a value.
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "is", "if", "not", "in");

    private final LexemeStream lexemes;

    ExpressionParser(LexemeStream lexemes) {
        this.lexemes = lexemes;
    }

    /// Reads an expression, or several with commas between as a tuple.
    Expression tuple() {
        return tuple(expression());
    }

    /// Reads what a `for` goes through: like a tuple, but `if` belongs to the statement.
    Expression tupleWithoutCondition() {
        return tuple(or());
    }

    private Expression tuple(Expression first) {
        if (!lexemes.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (lexemes.skipOperator(",") && beginsValue()) {
            items.add(expression());
        }
        return new Expression.Sequence(items, true);
    }

    private boolean beginsValue() {
        Lexeme current = lexemes.current();
        return !current.is(Lexeme.Kind.BLOCK_END)
                && !current.is(Lexeme.Kind.PRINT_END)
                && !current.isOperator(")")
                && !current.isOperator("=");
    }

    Expression expression() {
        lexemes.enter();
        Expression value = or();
        while (lexemes.skipName("if")) {
            Expression condition = or();
            Expression otherwise = lexemes.skipName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, otherwise);
        }
        lexemes.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (lexemes.skipName("or")) {
            left = new Expression.Logic(false, left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (lexemes.skipName("and")) {
            left = new Expression.Logic(true, left, not());
        }
        return left;
    }

    private Expression not() {
        if (!lexemes.skipName("not")) {
            return comparison();
        }
        lexemes.enter();
        Expression negated = new Expression.Not(not());
        lexemes.leave();
        return negated;
    }

    private Expression comparison() {
        int line = lexemes.line();
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        for (String operator = comparisonOperator(); operator != null; operator = comparisonOperator()) {
            operators.add(operator);
            others.add(sum());
        }
        return operators.isEmpty() ? first : new Expression.Comparison(line, first, operators, others);
    }

    private @Nullable String comparisonOperator() {
        Lexeme current = lexemes.current();
        if (current.is(Lexeme.Kind.OPERATOR) && COMPARISONS.contains(current.text())) {
            return lexemes.next().text();
        }
        if (lexemes.skipName("in")) {
            return "in";
        }
        if (current.isName("not") && lexemes.following().isName("in")) {
            lexemes.next();
            lexemes.next();
            return "not in";
        }
        return null;
    }

    private Expression sum() {
        Expression left = concatenation();
        while (lexemes.current().isOperator("+") || lexemes.current().isOperator("-")) {
            Lexeme operator = lexemes.next();
            left = arithmetic(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!lexemes.current().isOperator("~")) {
            return first;
        }
        int line = lexemes.line();
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (lexemes.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(line, parts);
    }

    private Expression product() {
        Expression left = power();
        while (lexemes.current().isOperator("*")
                || lexemes.current().isOperator("/")
                || lexemes.current().isOperator("//")
                || lexemes.current().isOperator("%")) {
            Lexeme operator = lexemes.next();
            left = arithmetic(operator, left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = signed(true);
        while (lexemes.current().isOperator("**")) {
            Lexeme operator = lexemes.next();
            left = arithmetic(operator, left, signed(true));
        }
        return left;
    }

    private Expression arithmetic(Lexeme operator, Expression left, Expression right) {
        return new Expression.Arithmetic(operator.line(), operator.text(), left, right);
    }

    private Expression signed(boolean withFilters) {
        lexemes.enter();
        Expression value;
        Lexeme current = lexemes.current();
        if (lexemes.skipOperator("-")) {
            value = new Expression.Negative(current.line(), signed(false));
        } else if (lexemes.skipOperator("+")) {
            value = signed(false);
        } else {
            value = following(primary());
        }
        if (withFilters) {
            value = filtersAndTests(value);
        }
        lexemes.leave();
        return value;
    }

    private Expression primary() {
        Lexeme lexeme = lexemes.current();
        return switch (lexeme.kind()) {
            case NAME -> named(lexemes.next().text());
            case STRING -> string();
            case INTEGER -> new Expression.Literal(integer(lexemes.next()));
            case FLOAT -> new Expression.Literal(Double.valueOf(lexemes.next().text()));
            case TEXT, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, OPERATOR, END -> bracketed();
        };
    }

    /// Strings that follow each other are one.
    private Expression string() {
        StringBuilder text = new StringBuilder();
        while (lexemes.current().is(Lexeme.Kind.STRING)) {
            text.append(lexemes.next().text());
        }
        return new Expression.Literal(MarkedText.plain(text.toString()));
    }

    private Expression bracketed() {
        if (lexemes.skipOperator("(")) {
            return parentheses();
        }
        if (lexemes.skipOperator("[")) {
            return new Expression.Sequence(items("]"), false);
        }
        if (lexemes.skipOperator("{")) {
            return mapping();
        }
        throw lexemes.expected("a value");
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(true);
            case "false", "False" -> new Expression.Literal(false);
            case "none", "None" -> new Expression.Literal(null);
            default -> new Expression.Name(name);
        };
    }

    private static Long integer(Lexeme lexeme) {
        try {
            return Long.valueOf(lexeme.text());
        } catch (NumberFormatException e) {
            throw new ChatTemplateException(
                    lexeme.line(), "expected an integer of at most 64 bits, found " + lexeme.text());
        }
    }

    private Expression parentheses() {
        if (lexemes.skipOperator(")")) {
            return new Expression.Sequence(List.of(), true);
        }
        Expression inner = tuple();
        lexemes.expectOperator(")");
        return inner;
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        while (!lexemes.skipOperator(close)) {
            if (!items.isEmpty()) {
                lexemes.expectOperator(",");
                if (lexemes.skipOperator(close)) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private Expression mapping() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!lexemes.skipOperator("}")) {
            if (!keys.isEmpty()) {
                lexemes.expectOperator(",");
                if (lexemes.skipOperator("}")) {
                    break;
                }
            }
            keys.add(expression());
            lexemes.expectOperator(":");
            values.add(expression());
        }
        return new Expression.Mapping(keys, values);
    }

    /// Attributes, items and calls behind a value.
    private Expression following(Expression first) {
        Expression value = first;
        while (true) {
            int line = lexemes.line();
            if (lexemes.skipOperator(".")) {
                value = attribute(value);
            } else if (lexemes.skipOperator("[")) {
                value = item(value);
            } else if (lexemes.skipOperator("(")) {
                value = new Expression.Call(line, value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression value) {
        if (lexemes.current().is(Lexeme.Kind.INTEGER)) {
            return new Expression.Item(value, new Expression.Literal(integer(lexemes.next())));
        }
        return new Expression.Attribute(value, lexemes.expect(Lexeme.Kind.NAME).text());
    }

    private Expression item(Expression value) {
        Expression start = lexemes.current().isOperator(":") ? null : expression();
        if (start != null && lexemes.skipOperator("]")) {
            return new Expression.Item(value, start);
        }
        lexemes.expectOperator(":");
        Expression stop = sliceBound();
        Expression step = lexemes.skipOperator(":") ? sliceBound() : null;
        lexemes.expectOperator("]");
        return new Expression.Slice(value, start, stop, step);
    }

    private @Nullable Expression sliceBound() {
        boolean absent = lexemes.current().isOperator(":") || lexemes.current().isOperator("]");
        return absent ? null : expression();
    }

    private Expression.Arguments arguments() {
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        boolean first = true;
        while (!lexemes.skipOperator(")")) {
            if (!first) {
                lexemes.expectOperator(",");
                if (lexemes.skipOperator(")")) {
                    break;
                }
            }
            first = false;
            if (lexemes.current().is(Lexeme.Kind.NAME) && lexemes.following().isOperator("=")) {
                String name = lexemes.next().text();
                lexemes.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw lexemes.expected("a named argument, as those before");
            }
        }
        return new Expression.Arguments(positional, named);
    }

    private Expression filtersAndTests(Expression first) {
        Expression value = first;
        boolean filtered = false;
        while (true) {
            int line = lexemes.line();
            if (lexemes.skipOperator("|")) {
                String name = lexemes.expect(Lexeme.Kind.NAME).text();
                Filters.requireKnown(name, line);
                value = new Expression.Filter(line, value, name, argumentsOrNone());
            } else if (lexemes.skipName("is")) {
                value = test(line, value);
            } else if (filtered && lexemes.skipOperator("(")) {
                value = new Expression.Call(line, value, arguments());
            } else {
                return value;
            }
            filtered = true;
        }
    }

    private Expression.Arguments argumentsOrNone() {
        return lexemes.skipOperator("(") ? arguments() : Expression.Arguments.NONE;
    }

    private Expression test(int line, Expression value) {
        boolean negated = lexemes.skipName("not");
        String name = lexemes.expect(Lexeme.Kind.NAME).text();
        Tests.requireKnown(name, line);
        Expression.Arguments arguments;
        if (lexemes.current().isOperator("(")) {
            arguments = argumentsOrNone();
        } else if (takesOperand()) {
            arguments = new Expression.Arguments(List.of(following(primary())), Map.of());
        } else {
            arguments = Expression.Arguments.NONE;
        }
        Expression test = new Expression.Test(line, value, name, arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean takesOperand() {
        Lexeme current = lexemes.current();
        return switch (current.kind()) {
            case NAME -> !AFTER_TEST.contains(current.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> current.isOperator("[") || current.isOperator("{");
            case TEXT, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }
}
