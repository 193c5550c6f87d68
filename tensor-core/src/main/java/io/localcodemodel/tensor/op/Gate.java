package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Activation;

/// A gated linear unit over a fused projection (Shazeer 2020, "GLU variants improve transformer"): `y = f(gate)·up`.
///
/// SwiGLU with [Activation#SILU], GeGLU with a GELU. `dGate += dY·up·f'(gate)`, `dUp += dY·f(gate)`.
public final class Gate {
    private Gate() {}

    /// Multiplies the second half of each row with the activated first half.
    ///
    /// @param gateUp `[rows, 2·features]`, a row is the gate and then what it gates
    /// @return `[rows, features]`
    public static Var apply(Pass pass, Activation activation, Var gateUp) {
        Shapes.requireRank("gate", "gateUp", gateUp, 2);
        if (gateUp.shape().columns() % 2 != 0) {
            throw new IllegalArgumentException(
                    "gate: expected gateUp with an even number of columns, found shape " + gateUp.shape());
        }
        int rows = gateUp.shape().rows();
        int features = gateUp.shape().columns() / 2;
        Var y = pass.output(Shape.of(rows, features), gateUp);
        Work work = Work.elementwise("gate", 3L * y.shape().size());
        pass.run(work, () -> forward(pass, activation, gateUp, y.value()));
        if (y.requiresGradient()) {
            pass.recordRenewable(
                    y,
                    Work.elementwise("gate", 5L * y.shape().size()),
                    () -> backward(pass, activation, y, gateUp),
                    work,
                    value -> forward(pass, activation, gateUp, value));
        }
        return y;
    }

    private static void forward(Pass pass, Activation activation, Var gateUp, Tensor out) {
        int rows = out.shape().rows();
        int features = out.shape().columns();
        StoredValue in = StoredValue.of(pass.kernels(), gateUp);
        Blocks.overRows(pass.workers(), rows, 2 * features, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                int at = row * 2 * features;
                float[] input = in.span(at, 2 * features, scratch);
                int gate = in.at(at);
                pass.kernels()
                        .gate(
                                activation,
                                input,
                                gate,
                                input,
                                gate + features,
                                out.array(),
                                out.offset() + row * features,
                                features);
            }
        });
    }

    private static void backward(Pass pass, Activation activation, Var y, Var gateUp) {
        int rows = y.shape().rows();
        int features = y.shape().columns();
        boolean accumulate = gateUp.gradient() != null;
        StoredValue in = StoredValue.of(pass.kernels(), gateUp);
        Tensor dY = pass.gradientOf(y);
        Tensor dIn = pass.gradientToFill(gateUp);
        Blocks.overRows(pass.workers(), rows, 2 * features, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                int at = row * 2 * features;
                float[] input = in.span(at, 2 * features, scratch);
                int gate = in.at(at);
                int dGate = dIn.offset() + at;
                pass.kernels()
                        .gateBackward(
                                activation,
                                input,
                                gate,
                                input,
                                gate + features,
                                dY.array(),
                                dY.offset() + row * features,
                                dIn.array(),
                                dGate,
                                dIn.array(),
                                dGate + features,
                                features,
                                accumulate);
            }
        });
    }
}
