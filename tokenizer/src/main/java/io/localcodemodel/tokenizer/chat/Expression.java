package io.localcodemodel.tokenizer.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What stands between `{{` and `}}`, and in the conditions and values of statements.
sealed interface Expression {

    /// A constant.
    record Literal(@Nullable Object value) implements Expression {}

    /// A variable.
    record Name(String name) implements Expression {}

    /// `[a, b]`, or `(a, b)` if it is a tuple.
    record Sequence(List<Expression> items, boolean tuple) implements Expression {}

    /// `{"a": b}`
    record Mapping(List<Expression> keys, List<Expression> values) implements Expression {}

    /// `a.b`
    record Attribute(Expression of, String name) implements Expression {}

    /// `a[b]`
    record Item(Expression of, Expression index) implements Expression {}

    /// `a[b:c:d]`
    record Slice(
            Expression of,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {}

    /// `a(b, c=d)`
    record Call(int line, Expression callee, Arguments arguments) implements Expression {}

    /// `a | b(c)`
    record Filter(int line, Expression of, String name, Arguments arguments) implements Expression {}

    /// `a is b(c)`
    record Test(int line, Expression of, String name, Arguments arguments) implements Expression {}

    /// `not a`
    record Not(Expression of) implements Expression {}

    /// `-a`
    record Negative(int line, Expression of) implements Expression {}

    /// `a and b`, or `a or b`
    record Logic(boolean and, Expression left, Expression right) implements Expression {}

    /// `a + b`, and `-`, `*`, `/`, `//`, `%`, `**`
    record Arithmetic(int line, String operator, Expression left, Expression right) implements Expression {}

    /// `a ~ b ~ c`
    record Concatenation(int line, List<Expression> parts) implements Expression {}

    /// `a < b <= c`, and `==`, `!=`, `in`, `not in`
    record Comparison(int line, Expression first, List<String> operators, List<Expression> others)
            implements Expression {}

    /// `a if b else c`
    record Conditional(
            Expression condition, Expression then, @Nullable Expression otherwise) implements Expression {}

    /// What is passed to a function, filter or test.
    record Arguments(List<Expression> positional, Map<String, Expression> named) {

        static final Arguments NONE = new Arguments(List.of(), Map.of());
    }
}
