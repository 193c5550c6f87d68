package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Layer normalisation of rows (Ba, Kiros and Hinton 2016, "Layer normalization"):
/// `y = (x - mean)·r·w + b` with `r = 1/√(variance + ε)` and the biased variance.
///
/// With `x̂ = (x - mean)·r` and `g = dY·w`: `dX += r·(g - mean(g) - x̂·mean(g·x̂))`, `dW += Σ_rows dY·x̂`,
/// `dB += Σ_rows dY`.
public final class LayerNorm {
    private LayerNorm() {}

    /// Normalises each row of `x`.
    ///
    /// @param x `[rows, columns]`
    /// @param weight `[columns]`
    /// @param bias `[columns]`, or null
    /// @param epsilon added to the variance
    /// @return `[rows, columns]`
    public static Var apply(Pass pass, Var x, Var weight, @Nullable Var bias, float epsilon) {
        int columns = x.shape().columns();
        Shapes.requireVector("layer norm", "weight", weight, columns);
        Shapes.requireVector("layer norm", "bias", bias, columns);
        Var y = pass.output(x.shape(), x, weight, bias);
        Tensor statistics = pass.temporary(Shape.of(x.shape().rows(), 2));
        Work work = Work.elementwise("layer norm", 2L * x.shape().size());
        pass.run(work, () -> forward(pass, x, weight, bias, epsilon, y.value(), statistics));
        if (y.requiresGradient()) {
            pass.recordRenewable(
                    y,
                    work.times(1.5),
                    () -> backward(pass, y, x, weight, bias, statistics),
                    work,
                    value -> forward(pass, x, weight, bias, epsilon, value, null),
                    statistics);
        } else {
            pass.release(statistics);
        }
        return y;
    }

    /// @param statistics where the mean and the inverse deviation of each row go; null where they are known already
    private static void forward(
            Pass pass, Var x, Var weight, @Nullable Var bias, float epsilon, Tensor y, @Nullable Tensor statistics) {
        int columns = y.shape().columns();
        StoredValue input = StoredValue.of(pass.kernels(), x);
        Tensor w = weight.value();
        float[] biases = bias == null ? null : bias.value().array();
        int biasOffset = bias == null ? 0 : bias.value().offset();
        Blocks.overRows(pass.workers(), y.shape().rows(), columns, (from, to, scratch) -> {
            float[] found = statistics == null ? scratch.floats(Scratch.FIRST_FREE, 2) : statistics.array();
            for (int row = from; row < to; row++) {
                int at = row * columns;
                float[] in = input.span(at, columns, scratch);
                pass.kernels()
                        .norms()
                        .layerNormRow(
                                in,
                                input.at(at),
                                w.array(),
                                w.offset(),
                                biases,
                                biasOffset,
                                y.array(),
                                y.offset() + at,
                                columns,
                                epsilon,
                                found,
                                statistics == null ? 0 : statistics.offset() + 2 * row);
            }
        });
    }

    private static void backward(Pass pass, Var y, Var x, Var weight, @Nullable Var bias, Tensor statistics) {
        int columns = x.shape().columns();
        int rows = x.shape().rows();
        int blocks = Blocks.count(rows, columns);
        boolean accumulate = x.gradient() != null;
        Tensor dY = pass.gradientOf(y);
        Tensor dX = x.requiresGradient() ? pass.gradientToFill(x) : pass.temporary(x.shape());
        Tensor dWeights = pass.temporary(Shape.of(blocks, columns));
        Tensor dBiases = pass.temporary(Shape.of(blocks, columns));
        StoredValue input = StoredValue.of(pass.kernels(), x);
        Tensor w = weight.value();
        int perBlock = Blocks.rowsPerBlock(columns);
        Blocks.overRows(pass.workers(), rows, columns, (from, to, scratch) -> {
            int dWeight = dWeights.offset() + from / perBlock * columns;
            int dBias = dBiases.offset() + from / perBlock * columns;
            Arrays.fill(dWeights.array(), dWeight, dWeight + columns, 0);
            Arrays.fill(dBiases.array(), dBias, dBias + columns, 0);
            for (int row = from; row < to; row++) {
                int at = row * columns;
                float[] in = input.span(at, columns, scratch);
                pass.kernels()
                        .norms()
                        .layerNormBackwardRow(
                                in,
                                input.at(at),
                                w.array(),
                                w.offset(),
                                dY.array(),
                                dY.offset() + at,
                                dX.array(),
                                dX.offset() + at,
                                dWeights.array(),
                                dWeight,
                                dBiases.array(),
                                dBias,
                                columns,
                                statistics.array()[statistics.offset() + 2 * row],
                                statistics.array()[statistics.offset() + 2 * row + 1],
                                accumulate);
            }
        });
        addPartials(pass, dWeights, blocks, weight);
        if (bias != null) {
            addPartials(pass, dBiases, blocks, bias);
        }
        pass.release(dBiases);
        pass.release(dWeights);
        if (!x.requiresGradient()) {
            pass.release(dX);
        }
    }

    private static void addPartials(Pass pass, Tensor partials, int blocks, Var variable) {
        if (variable.requiresGradient()) {
            boolean add = variable.gradient() != null;
            Tensor gradient = pass.gradientToFill(variable);
            Blocks.addRowSums(pass, partials, blocks, variable.value().size(), gradient, add);
        }
    }
}
