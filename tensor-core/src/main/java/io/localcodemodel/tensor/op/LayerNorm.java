package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
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
        Shapes.require("layer norm", "weight", weight, Shape.of(columns));
        Shapes.require("layer norm", "bias", bias, Shape.of(columns));
        Var y = pass.output(x.shape(), x, weight, bias);
        Tensor statistics = pass.temporary(Shape.of(x.shape().rows(), 2));
        Tensor shift = bias == null ? null : bias.value();
        pass.run(
                Work.elementwise("layer norm", 2L * x.value().size()),
                () -> forward(pass, x.value(), weight.value(), shift, epsilon, y.value(), statistics));
        if (y.requiresGradient()) {
            Work work = Work.elementwise("layer norm", 3L * x.value().size());
            pass.record(y, work, () -> backward(pass, y, x, weight, bias, statistics), statistics);
        } else {
            pass.release(statistics);
        }
        return y;
    }

    private static void forward(
            Pass pass, Tensor x, Tensor weight, @Nullable Tensor bias, float epsilon, Tensor y, Tensor statistics) {
        int columns = x.shape().columns();
        float[] biases = bias == null ? null : bias.array();
        int biasOffset = bias == null ? 0 : bias.offset();
        Blocks.overRows(pass.workers(), x.shape().rows(), columns, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                pass.kernels()
                        .layerNormRow(
                                x.array(),
                                x.offset() + row * columns,
                                weight.array(),
                                weight.offset(),
                                biases,
                                biasOffset,
                                y.array(),
                                y.offset() + row * columns,
                                columns,
                                epsilon,
                                statistics.array(),
                                statistics.offset() + 2 * row);
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
            float[] in = input.span(from * columns, (to - from) * columns, scratch);
            int first = input.at(from * columns);
            for (int row = from; row < to; row++) {
                int at = row * columns;
                pass.kernels()
                        .layerNormBackwardRow(
                                in,
                                first + at - from * columns,
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
