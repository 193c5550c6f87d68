package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import java.util.Arrays;

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
        Shapes.require("rms norm", "weight", weight, Shape.of(x.shape().columns()));
        Var y = pass.output(x.shape(), x, weight);
        Tensor inverseRoots = pass.temporary(Shape.of(x.shape().rows()));
        pass.run(
                Work.elementwise("rms norm", 2L * x.value().size()),
                () -> forward(pass, x.value(), weight.value(), epsilon, weightShift, y.value(), inverseRoots));
        if (y.requiresGradient()) {
            Work work = Work.elementwise("rms norm", 3L * x.value().size());
            pass.record(y, work, () -> backward(pass, y, x, weight, weightShift, inverseRoots), inverseRoots);
        } else {
            pass.release(inverseRoots);
        }
        return y;
    }

    private static void forward(
            Pass pass, Tensor x, Tensor weight, float epsilon, float weightShift, Tensor y, Tensor inverseRoots) {
        int columns = x.shape().columns();
        Blocks.overRows(pass.workers(), x.shape().rows(), columns, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                inverseRoots.array()[inverseRoots.offset() + row] = pass.kernels()
                        .rmsNormRow(
                                x.array(),
                                x.offset() + row * columns,
                                weight.array(),
                                weight.offset(),
                                weightShift,
                                y.array(),
                                y.offset() + row * columns,
                                columns,
                                epsilon);
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
            float[] in = input.span(from * columns, (to - from) * columns, scratch);
            int first = input.at(from * columns);
            for (int row = from; row < to; row++) {
                int at = row * columns;
                pass.kernels()
                        .rmsNormBackwardRow(
                                in,
                                first + at - from * columns,
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
