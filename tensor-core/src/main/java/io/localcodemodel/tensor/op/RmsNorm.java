package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Root mean square normalisation of rows (Zhang and Sennrich 2019, "Root mean square layer normalization"):
/// `y = x·r·(shift + w)` with `r = 1/√(mean(x²) + ε)`.
///
/// With `g = dY·(shift + w)`: `dX += r·g - x·r³·mean(g·x)`, `dW += Σ_rows dY·x·r`.
public final class RmsNorm {
    private RmsNorm() {}

    /// Normalises each row of `x`.
    ///
    /// @param x `[rows, columns]`
    /// @param weight `[columns]`
    /// @param epsilon added to the mean square
    /// @param weightShift 0, or 1 in families that store the weight as its difference from one
    /// @return `[rows, columns]`
    public static Var apply(Pass pass, Var x, Var weight, float epsilon, float weightShift) {
        Shapes.requireVector("rms norm", "weight", weight, x.shape().columns());
        Var y = pass.output(x.shape(), x, weight);
        Tensor inverseRoots = pass.temporary(Shape.of(x.shape().rows()));
        Work work = Work.elementwise("rms norm", 2L * x.shape().size());
        pass.run(work, () -> forward(pass, x, weight, epsilon, weightShift, y.value(), inverseRoots));
        if (y.requiresGradient()) {
            pass.recordRenewable(
                    y,
                    work.times(1.5),
                    () -> backward(pass, y, x, weight, weightShift, inverseRoots),
                    work,
                    value -> forward(pass, x, weight, epsilon, weightShift, value, null),
                    inverseRoots);
        } else {
            pass.release(inverseRoots);
        }
        return y;
    }

    /// @param inverseRoots where `r` of each row goes; null where it is known already
    private static void forward(
            Pass pass, Var x, Var weight, float epsilon, float weightShift, Tensor y, @Nullable Tensor inverseRoots) {
        int columns = y.shape().columns();
        StoredValue input = StoredValue.of(pass.kernels(), x);
        Tensor w = weight.value();
        Blocks.overRows(pass.workers(), y.shape().rows(), columns, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                int at = row * columns;
                float[] in = input.span(at, columns, scratch);
                float inverseRoot = pass.kernels()
                        .norms()
                        .rmsNormRow(
                                in,
                                input.at(at),
                                w.array(),
                                w.offset(),
                                weightShift,
                                y.array(),
                                y.offset() + at,
                                columns,
                                epsilon);
                if (inverseRoots != null) {
                    inverseRoots.array()[inverseRoots.offset() + row] = inverseRoot;
                }
            }
        });
    }

    private static void backward(Pass pass, Var y, Var x, Var weight, float weightShift, Tensor inverseRoots) {
        int columns = x.shape().columns();
        int rows = x.shape().rows();
        boolean accumulate = x.gradient() != null;
        Tensor dY = pass.gradientOf(y);
        Tensor dX = x.requiresGradient() ? pass.gradientToFill(x) : pass.temporary(x.shape());
        Tensor partials = pass.temporary(Shape.of(Blocks.count(rows, columns), columns));
        StoredValue input = StoredValue.of(pass.kernels(), x);
        Tensor w = weight.value();
        int perBlock = Blocks.rowsPerBlock(columns);
        Blocks.overRows(pass.workers(), rows, columns, (from, to, scratch) -> {
            int partial = partials.offset() + from / perBlock * columns;
            Arrays.fill(partials.array(), partial, partial + columns, 0);
            for (int row = from; row < to; row++) {
                int at = row * columns;
                float[] in = input.span(at, columns, scratch);
                pass.kernels()
                        .norms()
                        .rmsNormBackwardRow(
                                in,
                                input.at(at),
                                w.array(),
                                w.offset(),
                                weightShift,
                                dY.array(),
                                dY.offset() + at,
                                dX.array(),
                                dX.offset() + at,
                                partials.array(),
                                partial,
                                columns,
                                inverseRoots.array()[inverseRoots.offset() + row],
                                accumulate);
            }
        });
        if (weight.requiresGradient()) {
            boolean add = weight.gradient() != null;
            Blocks.addRowSums(pass, partials, Blocks.count(rows, columns), columns, pass.gradientToFill(weight), add);
        }
        pass.release(partials);
        if (!x.requiresGradient()) {
            pass.release(dX);
        }
    }
}
