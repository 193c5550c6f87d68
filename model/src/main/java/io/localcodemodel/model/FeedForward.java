package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Gate;
import java.util.List;

/// Each token by itself: out to a wider vector, a non-linearity, and back. Where it is gated, gate and up projection
/// are one product whose rows are the gate's, then the other's.
final class FeedForward {
    private final TransformerConfig config;
    private final Projection input;
    private final Projection output;

    FeedForward(ParamScope scope, TransformerConfig config) {
        this.config = config;
        int hidden = config.feedForwardWidth();
        boolean biased = config.biases().feedForward();
        input = new Projection(
                scope.at("input"),
                config.width(),
                config.gated() ? List.of(hidden, hidden) : List.of(hidden),
                biased,
                config.initialDeviation());
        output = new Projection(scope.at("output"), hidden, config.width(), biased, config.residualDeviation());
    }

    private Var inner(Pass pass, Var x) {
        return config.gated()
                ? Gate.apply(pass, config.activation(), input.apply(pass, x))
                : input.activated(pass, config.activation(), x);
    }

    /// `residual + F(x)`.
    Var addTo(Pass pass, Var residual, Var x) {
        return output.addTo(pass, residual, inner(pass, x), config.dropout().residual());
    }

    /// `F(x)`.
    Var apply(Pass pass, Var x) {
        return output.apply(pass, inner(pass, x));
    }
}
