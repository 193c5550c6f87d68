package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;

/// The elementwise sum `y = a + b`; both gradients are that of `y`.
public final class Add {
    private Add() {}

    /// Adds two variables of one shape.
    public static Var apply(Pass pass, Var a, Var b) {
        Shapes.require("add", "b", b, a.shape());
        Var y = pass.output(a.shape(), a, b);
        if (pass.reads(y)) {
            Work work = Work.elementwise("add", 3L * y.shape().size());
            pass.run(work, () -> forward(pass, a.value(), b.value(), y.value()));
        }
        if (y.requiresGradient()) {
            pass.record(y, Work.elementwise("add", 2L * y.value().size()), () -> backward(pass, y, a, b));
        }
        return y;
    }

    private static void forward(Pass pass, Tensor a, Tensor b, Tensor y) {
        Blocks.overRows(
                pass.workers(),
                y.size(),
                1,
                (from, to, scratch) -> pass.kernels()
                        .add(
                                a.array(),
                                a.offset() + from,
                                b.array(),
                                b.offset() + from,
                                y.array(),
                                y.offset() + from,
                                to - from));
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
