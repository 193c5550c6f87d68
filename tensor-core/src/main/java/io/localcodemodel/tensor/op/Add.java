package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;

/// The elementwise sum `y = a + b`; both gradients are that of `y`.
public final class Add {
    private Add() {}

    /// Adds two variables of one shape.
    public static Var apply(Pass pass, Var a, Var b) {
        Shapes.require("add", "b", b, a.shape());
        Var y = pass.output(a.shape(), a, b);
        Tensor left = a.value();
        Tensor right = b.value();
        Tensor out = y.value();
        Blocks.overRows(
                pass.workers(),
                out.size(),
                1,
                (from, to, scratch) -> pass.kernels()
                        .add(
                                left.array(),
                                left.offset() + from,
                                right.array(),
                                right.offset() + from,
                                out.array(),
                                out.offset() + from,
                                to - from));
        if (y.requiresGradient()) {
            pass.record(y, () -> backward(pass, y, a, b));
        }
        return y;
    }

    private static void backward(Pass pass, Var y, Var a, Var b) {
        if (a.requiresGradient()) {
            if (b.requiresGradient()) {
                pass.addGradient(y, a);
            } else {
                pass.passGradient(y, a);
                return;
            }
        }
        pass.passGradient(y, b);
    }
}
