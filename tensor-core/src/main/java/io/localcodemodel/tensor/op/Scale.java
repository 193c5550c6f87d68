package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;

/// A constant multiple `y = factor·x`; `dX += factor·dY`.
public final class Scale {
    private Scale() {}

    /// Multiplies every element of `x`.
    public static Var apply(Pass pass, Var x, float factor) {
        Var y = pass.output(x.shape(), x);
        pass.run(
                Work.elementwise("scale", 2L * x.value().size()),
                () -> addMultiple(pass, factor, x.value(), y.value(), true));
        if (y.requiresGradient()) {
            pass.record(y, Work.elementwise("scale", 2L * x.value().size()), () -> {
                boolean assign = x.gradient() == null;
                addMultiple(pass, factor, pass.gradientOf(y), pass.gradientToFill(x), assign);
            });
        }
        return y;
    }

    private static void addMultiple(Pass pass, float factor, Tensor from, Tensor to, boolean assign) {
        Blocks.overRows(pass.workers(), to.size(), 1, (first, last, scratch) -> {
            int at = to.offset() + first;
            if (assign) {
                System.arraycopy(from.array(), from.offset() + first, to.array(), at, last - first);
                pass.kernels().scale(factor, to.array(), at, last - first);
            } else {
                pass.kernels().axpy(factor, from.array(), from.offset() + first, to.array(), at, last - first);
            }
        });
    }
}
