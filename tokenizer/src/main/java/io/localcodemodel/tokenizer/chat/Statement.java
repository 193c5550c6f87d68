package io.localcodemodel.tokenizer.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of a template.
sealed interface Statement {

    /// Text that is written as it is.
    record Literal(MarkedText text) implements Statement {}

    /// `{{ a }}`
    record Print(int line, Expression value) implements Statement {}

    /// `{% if a %} … {% elif b %} … {% else %} … {% endif %}`; as many conditions as bodies
    record If(int line, List<Expression> conditions, List<List<Statement>> bodies, List<Statement> otherwise)
            implements Statement {}

    /// `{% for a, b in c if d %} … {% else %} … {% endfor %}`
    record For(
            int line,
            List<String> names,
            Expression values,
            @Nullable Expression condition,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {}

    /// `{% set a, b = c %}`
    record Set(int line, List<Target> targets, Expression value) implements Statement {}

    /// `{% set a %} … {% endset %}`
    record SetBlock(int line, Target target, List<Statement> body) implements Statement {}

    /// `{% macro a(b, c=d) %} … {% endmacro %}`; a parameter without default has null
    record Macro(
            int line, String name, List<String> parameters, List<@Nullable Expression> defaults, List<Statement> body)
            implements Statement {}

    /// `{% generation %} … {% endgeneration %}`: marks what the model wrote, and writes nothing itself
    record Group(List<Statement> body) implements Statement {}

    /// `{% break %}`
    record Break(int line) implements Statement {}

    /// `{% continue %}`
    record Continue(int line) implements Statement {}

    /// What is assigned to: a variable, or an attribute of a namespace.
    record Target(String name, @Nullable String attribute) {}
}
