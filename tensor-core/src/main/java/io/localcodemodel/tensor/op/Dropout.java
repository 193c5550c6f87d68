package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;

/// Dropout (Srivastava et al. 2014), inverted: `y = x·m/(1 - p)` with `m` 0 with probability p and 1 otherwise;
/// `dX += dY·m/(1 - p)`.
///
/// The mask is a function of a seed and the element's index, so backward draws it again instead of keeping it.
public final class Dropout {
    private Dropout() {}

    /// Drops elements of `x`; the identity unless the pass trains and `probability` is above 0.
    ///
    /// @param probability in [0, 1)
    public static Var apply(Pass pass, Var x, float probability) {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException("dropout: expected a probability in [0, 1), found " + probability);
        }
        if (!pass.training() || probability == 0) {
            return x;
        }
        long seed = pass.nextSeed();
        Var y = pass.output(x.shape(), x);
        Work work = Work.elementwise("dropout", 2L * x.value().size());
        pass.run(work, () -> drop(pass, x.value(), y.value(), probability, seed, false));
        if (y.requiresGradient()) {
            pass.record(y, work, () -> {
                boolean accumulate = x.gradient() != null;
                drop(pass, pass.gradientOf(y), pass.gradientToFill(x), probability, seed, accumulate);
            });
        }
        return y;
    }

    private static void drop(Pass pass, Tensor from, Tensor to, float probability, long seed, boolean accumulate) {
        Blocks.overRows(
                pass.workers(),
                to.size(),
                1,
                (first, last, scratch) -> pass.kernels()
                        .dropout(
                                seed,
                                first,
                                probability,
                                from.array(),
                                from.offset() + first,
                                to.array(),
                                to.offset() + first,
                                last - first,
                                accumulate));
    }
}
