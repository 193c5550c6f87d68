package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Computes expressions.
final class Evaluator {

    private final Limits limits;
    private final Filters filters;
    private final Tests tests;
    private final Methods methods;
    private final Operators operators;

    Evaluator(Limits limits) {
        this.limits = limits;
        this.tests = new Tests(limits);
        this.operators = new Operators(limits);
        this.methods = new Methods(limits);
        this.filters = new Filters(this, tests, limits);
    }

    Limits limits() {
        return limits;
    }

    @Nullable
    Object evaluate(Expression expression, Scope scope) {
        limits.step();
        limits.enter();
        Object value = switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> scope.get(name.name());
            case Expression.Sequence sequence -> sequence(sequence, scope);
            case Expression.Mapping mapping -> mapping(mapping, scope);
            case Expression.Attribute attribute -> attribute(evaluate(attribute.of(), scope), attribute.name());
            case Expression.Item item -> item(evaluate(item.of(), scope), evaluate(item.index(), scope));
            case Expression.Slice slice -> slice(slice, scope);
            case Expression.Call call -> call(call, scope);
            case Expression.Filter filter -> {
                Object of = evaluate(filter.of(), scope);
                CallArguments arguments = arguments(filter.name(), filter.arguments(), scope);
                limits.at(filter.line());
                yield charged(filters.apply(filter.name(), charged(of), arguments));
            }
            case Expression.Test test -> {
                Object of = evaluate(test.of(), scope);
                CallArguments arguments = arguments(test.name(), test.arguments(), scope);
                limits.at(test.line());
                yield tests.test(test.name(), charged(of), arguments);
            }
            case Expression.Not not -> !Values.isTrue(evaluate(not.of(), scope));
            case Expression.Negative negative -> {
                Object of = evaluate(negative.of(), scope);
                limits.at(negative.line());
                yield operators.negative(of);
            }
            case Expression.Logic logic -> {
                Object left = evaluate(logic.left(), scope);
                yield Values.isTrue(left) == logic.and() ? evaluate(logic.right(), scope) : left;
            }
            case Expression.Arithmetic arithmetic -> {
                Object left = evaluate(arithmetic.left(), scope);
                Object right = evaluate(arithmetic.right(), scope);
                limits.at(arithmetic.line());
                yield operators.arithmetic(arithmetic.operator(), left, right);
            }
            case Expression.Concatenation concatenation -> concatenation(concatenation, scope);
            case Expression.Comparison comparison -> comparison(comparison, scope);
            case Expression.Conditional conditional -> conditional(conditional, scope);
        };
        limits.leave();
        return value;
    }

    /// Accounts for the texts that filters, tests and functions take and give, whatever they do with them.
    private @Nullable Object charged(@Nullable Object value) {
        if (value instanceof MarkedText text) {
            limits.walk(text);
            limits.characters(0, text.length());
        }
        return value;
    }

    private List<@Nullable Object> sequence(Expression.Sequence sequence, Scope scope) {
        List<@Nullable Object> items = new ArrayList<>();
        for (Expression item : sequence.items()) {
            items.add(evaluate(item, scope));
        }
        return sequence.tuple() ? new Values.Tuple(items) : items;
    }

    private Object mapping(Expression.Mapping mapping, Scope scope) {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < mapping.keys().size(); i++) {
            Object key = evaluate(mapping.keys().get(i), scope);
            if (!(key instanceof MarkedText || key instanceof Long || key instanceof Boolean)) {
                throw limits.refuse("expected a string or an integer as a key, found " + Values.describe(key));
            }
            map.put(key, evaluate(mapping.values().get(i), scope));
        }
        return map;
    }

    /// `of.name`: the methods of a type come before the keys of a mapping, as Python looks them up.
    @Nullable
    Object attribute(@Nullable Object of, String name) {
        Values.Function method = methods.method(of, name);
        if (method != null) {
            return method;
        }
        return switch (of) {
            case Map<?, ?> map -> inMapping(map, MarkedText.plain(name), name);
            case Values.Namespace namespace ->
                namespace.attributes().containsKey(name)
                        ? namespace.attributes().get(name)
                        : new Values.Undefined(name);
            case Values.Attributes attributes -> attributes.attribute(name);
            case Values.Undefined undefined ->
                throw limits.refuse(
                        "expected something with the attribute \"" + name + "\", found " + Values.describe(undefined));
            case null, default -> new Values.Undefined(name);
        };
    }

    private static @Nullable Object inMapping(Map<?, ?> map, Object key, String name) {
        Object value = map.get(key);
        return value != null || map.containsKey(key) ? value : new Values.Undefined(name);
    }

    /// `of[index]`
    @Nullable
    Object item(@Nullable Object of, @Nullable Object index) {
        if (of instanceof Values.Undefined undefined) {
            throw limits.refuse("expected something with items, found " + Values.describe(undefined));
        }
        if (index instanceof MarkedText key) {
            limits.walk(key);
        }
        if (of instanceof Map<?, ?> map && Values.isKey(index) && map.containsKey(index)) {
            return map.get(index);
        }
        if (of instanceof List<?> list && index instanceof Long place) {
            long at = place < 0 ? place + list.size() : place;
            return at >= 0 && at < list.size() ? list.get((int) at) : new Values.Undefined("[" + place + "]");
        }
        if (of instanceof MarkedText text && index instanceof Long place) {
            limits.walk(text);
            long points = text.points();
            long at = place < 0 ? place + points : place;
            return at >= 0 && at < points
                    ? text.pointRange((int) at, (int) at + 1)
                    : new Values.Undefined("[" + place + "]");
        }
        if (index instanceof MarkedText name) {
            return attribute(of, name.text());
        }
        return new Values.Undefined("[" + Values.describe(index) + "]");
    }

    private @Nullable Object slice(Expression.Slice slice, Scope scope) {
        Object of = evaluate(slice.of(), scope);
        Long start = bound(slice.start(), scope);
        Long stop = bound(slice.stop(), scope);
        Long step = bound(slice.step(), scope);
        return charged(operators.slice(of, start, stop, step == null ? 1 : step));
    }

    private @Nullable Long bound(@Nullable Expression bound, Scope scope) {
        Object value = bound == null ? null : evaluate(bound, scope);
        if (value == null || value instanceof Long) {
            return (Long) value;
        }
        throw limits.refuse("expected integers in a slice, found " + Values.describe(value));
    }

    private @Nullable Object call(Expression.Call call, Scope scope) {
        Object callee = evaluate(call.callee(), scope);
        CallArguments arguments = arguments(name(call.callee()), call.arguments(), scope);
        limits.at(call.line());
        if (callee instanceof Values.Function function) {
            return charged(function.call(arguments));
        }
        throw limits.refuse("expected a function to call, found " + Values.describe(callee));
    }

    private static String name(Expression callee) {
        return switch (callee) {
            case Expression.Name name -> name.name();
            case Expression.Attribute attribute -> attribute.name();
            default -> "the function";
        };
    }

    private CallArguments arguments(String function, Expression.Arguments given, Scope scope) {
        List<@Nullable Object> positional = new ArrayList<>();
        for (Expression argument : given.positional()) {
            positional.add(evaluate(argument, scope));
        }
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        given.named().forEach((name, argument) -> named.put(name, evaluate(argument, scope)));
        return new CallArguments(function, positional, named, limits);
    }

    private MarkedText concatenation(Expression.Concatenation concatenation, Scope scope) {
        MarkedText.Builder text = new MarkedText.Builder(limits);
        for (Expression part : concatenation.parts()) {
            Object value = evaluate(part, scope);
            limits.at(concatenation.line());
            PythonText.write(text, value, limits);
        }
        return text.build();
    }

    private boolean comparison(Expression.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.first(), scope);
        for (int i = 0; i < comparison.others().size(); i++) {
            Object right = evaluate(comparison.others().get(i), scope);
            limits.at(comparison.line());
            if (!operators.compare(comparison.operators().get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private @Nullable Object conditional(Expression.Conditional conditional, Scope scope) {
        if (Values.isTrue(evaluate(conditional.condition(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        return conditional.otherwise() == null
                ? new Values.Undefined("the value of an if without else")
                : evaluate(conditional.otherwise(), scope);
    }
}
