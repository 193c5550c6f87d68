package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;

/// The scalar `Σ weights[i]·x[i]`: hands an operation under test the gradient `weights`.
final class WeightedSum {
    private WeightedSum() {}

    static Var apply(Pass pass, Var x, float[] weights) {
        Var y = pass.output(Shape.SCALAR, x);
        Tensor value = x.value();
        y.value().fill(pass.kernels().dot(weights, 0, value.array(), value.offset(), value.size()));
        if (y.requiresGradient()) {
            pass.record(y, Work.elementwise("weighted sum", x.value().size()), () -> {
                Tensor dX = pass.gradient(x);
                float dY = pass.gradientOf(y).scalar();
                pass.kernels().axpy(dY, weights, 0, dX.array(), dX.offset(), dX.size());
            });
        }
        return y;
    }
}
