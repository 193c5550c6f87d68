package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Add;
import io.localcodemodel.tensor.op.Dropout;
import io.localcodemodel.tensor.op.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A weight `[out, in]` and, where the config says so, a bias `[out]`.
final class Projection {
    private final Var weight;
    private final @Nullable Var bias;

    Projection(ParamScope scope, int in, int out, boolean biased, float deviation) {
        this(scope, in, List.of(out), biased, deviation);
    }

    /// @param outs the extents of several projections of the same input, stacked in one weight
    Projection(ParamScope scope, int in, List<Integer> outs, boolean biased, float deviation) {
        int out = outs.stream().mapToInt(Integer::intValue).sum();
        weight = scope.stacked("weight", Shape.of(out, in), Initial.normal(deviation), outs);
        bias = biased ? scope.parameter("bias", Shape.of(out), Initial.ZEROS) : null;
    }

    /// `x·Wᵀ + b`.
    Var apply(Pass pass, Var x) {
        return Linear.apply(pass, x, weight, bias);
    }

    /// `f(x·Wᵀ + b)`.
    Var activated(Pass pass, Activation activation, Var x) {
        return Linear.activated(pass, activation, x, weight, bias);
    }

    /// `residual + dropout(x·Wᵀ + b)`; one fused product where nothing is dropped.
    Var addTo(Pass pass, Var residual, Var x, float dropout) {
        if (dropout == 0 || !pass.training()) {
            return Linear.apply(pass, x, weight, bias, residual);
        }
        return Add.apply(pass, residual, Dropout.apply(pass, Linear.apply(pass, x, weight, bias), dropout));
    }
}
