package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import java.util.Arrays;

/// Root mean square normalisation of queries and keys in fused rows (Henry et al. 2020, "Query-key normalization for
/// transformers", with the root mean square); values pass unchanged.
///
/// Each *span* `x` of the query part becomes `x·r·(shift + w)` with `r = 1/√(mean(x²) + ε)` and the query weight `w`, and
/// those of the key part likewise with theirs. A span is as long as its weight: a head, or all heads together. Gradients
/// are those of [RmsNorm].
public final class HeadNorm {
    private HeadNorm() {}

    /// Normalises the spans of each row of `qkv`.
    ///
    /// @param qkv `[tokens, (heads + 2·kvHeads)·headSize]`, a row is the queries, the keys, the values
    /// @param queryWeight `[headSize]` for each head by itself, or `[heads·headSize]` for all together
    /// @param keyWeight `[headSize]` or `[kvHeads·headSize]`
    /// @param epsilon added to the mean square
    /// @param weightShift 0, or 1 in families that store the weight as its difference from one
    /// @return of the shape of `qkv`
    public static Var apply(
            Pass pass,
            Var qkv,
            Var queryWeight,
            Var keyWeight,
            int heads,
            int kvHeads,
            int headSize,
            float epsilon,
            float weightShift) {
        Shapes.requireRank("head norm", "qkv", qkv, 2);
        int rows = qkv.shape().dimension(0);
        Shapes.requireMatrix("head norm", "qkv", qkv, rows, (heads + 2 * kvHeads) * headSize);
        Part query = Part.of("queryWeight", queryWeight, 0, 0, heads, headSize);
        Part key = Part.of("keyWeight", keyWeight, heads * headSize, query.spans(), kvHeads, headSize);
        Var y = pass.output(qkv.shape(), qkv, queryWeight, keyWeight);
        int spans = query.spans() + key.spans();
        Tensor inverseRoots = pass.temporary(Shape.of(rows, spans));
        pass.run(Work.elementwise("head norm", 2L * qkv.value().size()), () -> {
            forward(pass, query, qkv.value(), epsilon, weightShift, y.value(), inverseRoots);
            forward(pass, key, qkv.value(), epsilon, weightShift, y.value(), inverseRoots);
            copyValues(qkv.value(), y.value(), (heads + kvHeads) * headSize);
        });
        if (y.requiresGradient()) {
            Work work = Work.elementwise("head norm", 3L * qkv.value().size());
            pass.record(y, work, () -> backward(pass, query, key, y, qkv, weightShift, inverseRoots), inverseRoots);
        } else {
            pass.release(inverseRoots);
        }
        return y;
    }

    /// The queries or the keys of a row.
    ///
    /// @param start its first column
    /// @param firstRoot the first of its roots in a row of inverse roots
    /// @param spans how many spans are normalised, each as long as the weight
    private record Part(Var weight, int start, int firstRoot, int spans) {
        static Part of(String name, Var weight, int start, int firstRoot, int heads, int headSize) {
            int length = weight.shape().size();
            if (weight.shape().rank() != 1 || (length != headSize && length != heads * headSize)) {
                throw new IllegalArgumentException("head norm: expected " + name + " of shape [" + headSize + "] or ["
                        + heads * headSize + "], found " + weight.shape());
            }
            return new Part(weight, start, firstRoot, heads * headSize / length);
        }

        int length() {
            return weight.shape().size();
        }
    }

    private static void forward(
            Pass pass, Part part, Tensor x, float epsilon, float weightShift, Tensor y, Tensor inverseRoots) {
        int columns = x.shape().columns();
        int length = part.length();
        Tensor weight = part.weight.value();
        Blocks.overRows(pass.workers(), x.shape().rows(), columns, (from, to, scratch) -> {
            for (int row = from; row < to; row++) {
                for (int span = 0; span < part.spans; span++) {
                    int at = row * columns + part.start + span * length;
                    int root = row * inverseRoots.shape().columns() + part.firstRoot + span;
                    inverseRoots.array()[inverseRoots.offset() + root] = pass.kernels()
                            .norms()
                            .rmsNormRow(
                                    x.array(),
                                    x.offset() + at,
                                    weight.array(),
                                    weight.offset(),
                                    weightShift,
                                    y.array(),
                                    y.offset() + at,
                                    length,
                                    epsilon);
                }
            }
        });
    }

    private static void copyValues(Tensor x, Tensor y, int start) {
        int columns = x.shape().columns();
        for (int row = 0; row < x.shape().rows(); row++) {
            int at = row * columns + start;
            System.arraycopy(x.array(), x.offset() + at, y.array(), y.offset() + at, columns - start);
        }
    }

    private static void backward(
            Pass pass, Part query, Part key, Var y, Var qkv, float weightShift, Tensor inverseRoots) {
        boolean accumulate = qkv.gradient() != null;
        Tensor dY = pass.gradientOf(y);
        Tensor dX = qkv.requiresGradient() ? pass.gradientToFill(qkv) : pass.temporary(qkv.shape());
        backward(pass, query, dY, qkv.value(), dX, weightShift, inverseRoots, accumulate);
        backward(pass, key, dY, qkv.value(), dX, weightShift, inverseRoots, accumulate);
        int start = key.start + key.spans * key.length();
        if (accumulate) {
            int columns = dX.shape().columns();
            for (int row = 0; row < dX.shape().rows(); row++) {
                int at = row * columns + start;
                pass.kernels().axpy(1, dY.array(), dY.offset() + at, dX.array(), dX.offset() + at, columns - start);
            }
        } else {
            copyValues(dY, dX, start);
        }
        if (!qkv.requiresGradient()) {
            pass.release(dX);
        }
    }

    private static void backward(
            Pass pass,
            Part part,
            Tensor dY,
            Tensor x,
            Tensor dX,
            float weightShift,
            Tensor inverseRoots,
            boolean accumulate) {
        int columns = x.shape().columns();
        int rows = x.shape().rows();
        int length = part.length();
        Tensor weight = part.weight.value();
        Tensor partials = pass.temporary(Shape.of(Blocks.count(rows, columns), length));
        int perBlock = Blocks.rowsPerBlock(columns);
        Blocks.overRows(pass.workers(), rows, columns, (from, to, scratch) -> {
            int partial = partials.offset() + from / perBlock * length;
            Arrays.fill(partials.array(), partial, partial + length, 0);
            for (int row = from; row < to; row++) {
                for (int span = 0; span < part.spans; span++) {
                    int at = row * columns + part.start + span * length;
                    int root = row * inverseRoots.shape().columns() + part.firstRoot + span;
                    pass.kernels()
                            .norms()
                            .rmsNormBackwardRow(
                                    x.array(),
                                    x.offset() + at,
                                    weight.array(),
                                    weight.offset(),
                                    weightShift,
                                    dY.array(),
                                    dY.offset() + at,
                                    dX.array(),
                                    dX.offset() + at,
                                    partials.array(),
                                    partial,
                                    length,
                                    inverseRoots.array()[inverseRoots.offset() + root],
                                    accumulate);
                }
            }
        });
        if (part.weight.requiresGradient()) {
            boolean add = part.weight.gradient() != null;
            Tensor dWeight = pass.gradientToFill(part.weight);
            Blocks.addRowSums(pass, partials, Blocks.count(rows, columns), length, dWeight, add);
        }
        pass.release(partials);
    }
}
