package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Activation;

/// A pointwise non-linearity: `y = f(x)`, `dX += dY·f'(x)`.
public final class Activate {
    private Activate() {}

    /// Applies `activation` to each element of `x`, of any shape.
    public static Var apply(Pass pass, Activation activation, Var x) {
        Var y = pass.output(x.shape(), x);
        pass.run(work(x), () -> forward(pass, activation, x, y.value()));
        if (y.requiresGradient()) {
            record(pass, activation, x, y);
        }
        return y;
    }

    private static Work work(Var x) {
        return Work.elementwise("activate", 2L * x.shape().size());
    }

    /// Records the way back of a `y` that holds `f(x)`.
    static void record(Pass pass, Activation activation, Var x, Var y) {
        pass.recordRenewable(
                y,
                work(x).times(1.5),
                () -> backward(pass, activation, y, x),
                work(x),
                value -> forward(pass, activation, x, value));
    }

    private static void forward(Pass pass, Activation activation, Var x, Tensor out) {
        StoredValue in = StoredValue.of(pass.kernels(), x);
        Blocks.overElements(
                pass.workers(),
                out.size(),
                (from, to, scratch) -> pass.kernels()
                        .activate(
                                activation,
                                in.span(from, to - from, scratch),
                                in.at(from),
                                out.array(),
                                out.offset() + from,
                                to - from));
    }

    private static void backward(Pass pass, Activation activation, Var y, Var x) {
        boolean accumulate = x.gradient() != null;
        StoredValue in = StoredValue.of(pass.kernels(), x);
        Tensor dY = pass.gradientOf(y);
        Tensor dX = pass.gradientInPlace(y, x);
        Blocks.overElements(
                pass.workers(),
                dX.size(),
                (from, to, scratch) -> pass.kernels()
                        .activateBackward(
                                activation,
                                in.span(from, to - from, scratch),
                                in.at(from),
                                dY.array(),
                                dY.offset() + from,
                                dX.array(),
                                dX.offset() + from,
                                to - from,
                                accumulate));
    }
}
