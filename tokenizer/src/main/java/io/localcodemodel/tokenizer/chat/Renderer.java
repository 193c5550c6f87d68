package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs the statements of a template.
final class Renderer {

    /// How a list of statements ended.
    private enum End {
        WHOLE,
        BREAK,
        CONTINUE
    }

    private final Limits limits;
    private final Evaluator evaluator;

    Renderer(Limits limits) {
        this.limits = limits;
        this.evaluator = new Evaluator(limits);
    }

    MarkedText render(List<Statement> statements, Scope scope) {
        MarkedText.Builder out = new MarkedText.Builder(limits);
        run(statements, scope, out);
        return out.build();
    }

    private End run(List<Statement> statements, Scope scope, MarkedText.Builder out) {
        limits.enter();
        for (Statement statement : statements) {
            limits.step();
            End end = run(statement, scope, out);
            if (end != End.WHOLE) {
                limits.leave();
                return end;
            }
        }
        limits.leave();
        return End.WHOLE;
    }

    private End run(Statement statement, Scope scope, MarkedText.Builder out) {
        switch (statement) {
            case Statement.Literal literal -> out.append(literal.text());
            case Statement.Print print -> {
                limits.at(print.line());
                Object value = evaluator.evaluate(print.value(), scope);
                PythonText.write(out, value, limits);
            }
            case Statement.If choice -> {
                return choose(choice, scope, out);
            }
            case Statement.For loop -> loop(loop, scope, out);
            case Statement.Set set -> {
                limits.at(set.line());
                assign(set, evaluator.evaluate(set.value(), scope), scope);
            }
            case Statement.SetBlock set -> {
                limits.at(set.line());
                assign(set.target(), render(set.body(), new Scope(scope)), scope);
            }
            case Statement.Macro macro ->
                scope.set(macro.name(), (Values.Function) arguments -> call(macro, arguments, scope));
            case Statement.Group group -> {
                return run(group.body(), scope, out);
            }
            case Statement.Break _ -> {
                return End.BREAK;
            }
            case Statement.Continue _ -> {
                return End.CONTINUE;
            }
        }
        return End.WHOLE;
    }

    private End choose(Statement.If choice, Scope scope, MarkedText.Builder out) {
        limits.at(choice.line());
        for (int i = 0; i < choice.conditions().size(); i++) {
            if (Values.isTrue(evaluator.evaluate(choice.conditions().get(i), scope))) {
                return run(choice.bodies().get(i), scope, out);
            }
        }
        return run(choice.otherwise(), scope, out);
    }

    private void loop(Statement.For loop, Scope scope, MarkedText.Builder out) {
        limits.at(loop.line());
        List<@Nullable Object> items = Values.items(evaluator.evaluate(loop.values(), scope), limits);
        Expression condition = loop.condition();
        if (condition != null) {
            items = filtered(loop, condition, items, scope);
        }
        if (items.isEmpty()) {
            run(loop.otherwise(), scope, out);
            return;
        }
        Loop state = new Loop(items, limits);
        for (int i = 0; i < items.size(); i++) {
            limits.step();
            state.at(i);
            Scope inner = new Scope(scope);
            inner.set("loop", state);
            unpack(loop, items.get(i), inner);
            if (run(loop.body(), inner, out) == End.BREAK) {
                return;
            }
        }
    }

    private List<@Nullable Object> filtered(
            Statement.For loop, Expression condition, List<@Nullable Object> items, Scope scope) {
        List<@Nullable Object> kept = new ArrayList<>();
        for (Object item : items) {
            Scope inner = new Scope(scope);
            unpack(loop, item, inner);
            if (Values.isTrue(evaluator.evaluate(condition, inner))) {
                kept.add(item);
            }
        }
        return kept;
    }

    private void unpack(Statement.For loop, @Nullable Object item, Scope scope) {
        if (loop.names().size() == 1) {
            scope.set(loop.names().getFirst(), item);
            return;
        }
        List<@Nullable Object> parts = parts(item, loop.names().size());
        for (int i = 0; i < parts.size(); i++) {
            scope.set(loop.names().get(i), parts.get(i));
        }
    }

    private List<@Nullable Object> parts(@Nullable Object value, int count) {
        List<@Nullable Object> parts = Values.items(value, limits);
        if (parts.size() != count) {
            throw limits.refuse("expected " + count + " values to assign, found " + parts.size());
        }
        return parts;
    }

    private void assign(Statement.Set set, @Nullable Object value, Scope scope) {
        if (set.targets().size() == 1) {
            assign(set.targets().getFirst(), value, scope);
            return;
        }
        List<@Nullable Object> parts = parts(value, set.targets().size());
        for (int i = 0; i < parts.size(); i++) {
            assign(set.targets().get(i), parts.get(i), scope);
        }
    }

    private void assign(Statement.Target target, @Nullable Object value, Scope scope) {
        if (target.attribute() == null) {
            scope.set(target.name(), value);
        } else if (scope.get(target.name()) instanceof Values.Namespace namespace) {
            namespace.attributes().put(target.attribute(), value);
        } else {
            throw limits.refuse("expected a namespace to assign the attribute \"" + target.attribute() + "\" of, found "
                    + Values.describe(scope.get(target.name())));
        }
    }

    private MarkedText call(Statement.Macro macro, CallArguments arguments, Scope defined) {
        int line = limits.line();
        arguments.of(macro.parameters().toArray(String[]::new));
        Scope scope = new Scope(defined);
        for (int i = 0; i < macro.parameters().size(); i++) {
            String name = macro.parameters().get(i);
            Expression byDefault = macro.defaults().get(i);
            if (arguments.has(i, name)) {
                scope.set(name, arguments.get(i, name, null));
            } else {
                scope.set(name, byDefault == null ? new Values.Undefined(name) : evaluator.evaluate(byDefault, scope));
            }
        }
        MarkedText text = render(macro.body(), scope);
        limits.at(line);
        return text;
    }
}
