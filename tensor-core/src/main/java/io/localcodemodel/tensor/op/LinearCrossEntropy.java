package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The output projection and [CrossEntropy] in one: the loss of `H·Wᵀ + b`, chunk by chunk of rows, so that the logits of
/// all rows never exist at once.
///
/// A chunk's logits become their own gradient `dZ` in place, and `dH = dZ·W`, `dW += dZᵀ·H`, `db += Σ_rows dZ` follow in
/// the forward already; backward scales them by the gradient of the loss.
public final class LinearCrossEntropy {
    /// Logits per chunk: 8 MiB, which stay in the last cache between the three products that read them.
    private static final int CHUNK_ELEMENTS = 1 << 21;
    /// The fewest rows. Each chunk reads the weight twice and adds to its gradient; with a large vocabulary that is what
    /// few rows wait for.
    private static final int FEWEST_ROWS = 128;

    private LinearCrossEntropy() {}

    /// The mean loss over the rows whose target is not [CrossEntropy#IGNORE].
    ///
    /// @param hidden `[rows, width]`
    /// @param weight `[classes, width]`; in a block format it is frozen and takes no gradient
    /// @param bias `[classes]`, or null
    /// @param targets for each row a class, or [CrossEntropy#IGNORE]
    /// @return a scalar
    public static Var apply(
            Pass pass, Var hidden, Var weight, @Nullable Var bias, int[] targets, CrossEntropy.Options options) {
        Shapes.requireRank("linear cross-entropy", "hidden", hidden, 2);
        Shapes.requireRank("linear cross-entropy", "weight", weight, 2);
        int classes = weight.shape().dimension(0);
        Shapes.requireMatrix(
                "linear cross-entropy",
                "weight",
                weight,
                classes,
                hidden.shape().dimension(1));
        Shapes.requireVector("linear cross-entropy", "bias", bias, classes);
        Linear.requireFrozenBlocks("linear cross-entropy", weight);
        int rows = hidden.shape().rows();
        int counted = CrossEntropy.requireTargets(targets, rows, classes);
        Var loss = pass.output(Shape.SCALAR, hidden, weight, bias);
        Chunks chunks = new Chunks(pass, hidden, weight, bias, targets, options, counted, loss.requiresGradient());
        loss.value().fill(chunks.forward());
        if (loss.requiresGradient()) {
            Work scaling =
                    Work.elementwise("linear cross-entropy", hidden.value().size());
            pass.record(
                    loss, scaling, () -> chunks.backward(pass.gradientOf(loss).scalar()), chunks.gradients());
        }
        return loss;
    }

    /// One call's walk over the rows.
    private static final class Chunks {
        private final Pass pass;
        private final Var hidden;
        private final Var weight;
        private final @Nullable Var bias;
        private final int[] targets;
        private final CrossEntropy.Options options;
        private final int counted;
        private final int width;
        private final int classes;
        private final @Nullable Tensor dHidden;
        private final @Nullable Tensor dWeight;
        private final @Nullable Tensor dBias;

        Chunks(
                Pass pass,
                Var hidden,
                Var weight,
                @Nullable Var bias,
                int[] targets,
                CrossEntropy.Options options,
                int counted,
                boolean records) {
            this.pass = pass;
            this.hidden = hidden;
            this.weight = weight;
            this.bias = bias;
            this.targets = targets;
            this.options = options;
            this.counted = counted;
            this.width = weight.shape().dimension(1);
            this.classes = weight.shape().dimension(0);
            this.dHidden = records ? gradientFor(hidden) : null;
            this.dWeight = records ? gradientFor(weight) : null;
            this.dBias = records ? gradientFor(bias) : null;
        }

        private @Nullable Tensor gradientFor(@Nullable Var variable) {
            return variable != null && variable.requiresGradient() ? pass.gradientAhead(variable) : null;
        }

        float forward() {
            int rows = targets.length;
            int perChunk = Math.clamp(CHUNK_ELEMENTS / classes, FEWEST_ROWS, Math.max(FEWEST_ROWS, rows));
            Tensor losses = pass.temporary(Shape.of(rows));
            Tensor logits = pass.temporary(Shape.of(Math.min(rows, perChunk), classes));
            if (rows == 0) {
                Stream.of(dWeight, dBias).filter(Objects::nonNull).forEach(gradient -> gradient.fill(0));
            }
            for (int from = 0; from < rows; from += perChunk) {
                int to = Math.min(rows, from + perChunk);
                chunk(from, to, logits, losses);
            }
            float mean = CrossEntropy.mean(losses, counted);
            pass.release(logits);
            pass.release(losses);
            return mean;
        }

        /// A profile is told of the three parts apart, since they run at very different speeds.
        private void chunk(int from, int to, Tensor logits, Tensor losses) {
            Work product = Work.product("cross-entropy logits", to - from, classes, width);
            pass.run(product, () -> project(from, to, logits));
            long elements = (long) (to - from) * classes;
            pass.run(
                    Work.elementwise("cross-entropy softmax", 2 * elements),
                    () -> lossesAndGradients(from, to, logits, losses));
            if (dHidden != null || dWeight != null || dBias != null) {
                int products = (dHidden == null ? 0 : 1) + (dWeight == null ? 0 : 1);
                Work gradients = new Work("cross-entropy gradient", product.flops(), product.bytes());
                pass.run(gradients.times(products), () -> differentiate(from, to, logits));
            }
        }

        private void project(int from, int to, Tensor logits) {
            Tensor rows = hidden.value().rows(from, to);
            Linear.product(pass, rows, weight, Linear.epilogue(bias, null, null), logits, null);
        }

        private void lossesAndGradients(int from, int to, Tensor logits, Tensor losses) {
            boolean records = dHidden != null || dWeight != null || dBias != null;
            float share = counted == 0 ? 0 : 1f / counted;
            float[] z = logits.array();
            Blocks.overRows(pass.workers(), to - from, classes, (first, last, scratch) -> {
                float[] exponentials = scratch.floats(Scratch.FIRST_FREE, classes);
                for (int row = first; row < last; row++) {
                    int at = logits.offset() + row * classes;
                    int target = targets[from + row];
                    float lse = CrossEntropy.logSumExp(pass.kernels(), z, at, exponentials, classes);
                    losses.array()[losses.offset() + from + row] =
                            CrossEntropy.lossOfRow(pass.kernels(), z, at, classes, lse, target, options);
                    if (records) {
                        CrossEntropy.gradientOfRow(pass.kernels(), z, at, classes, lse, target, options, share, z, at);
                    }
                }
            });
        }

        private void differentiate(int from, int to, Tensor dZ) {
            Tensor h = hidden.value();
            int rows = to - from;
            if (dHidden != null) {
                Linear.inputGradient(pass, dZ, weight, dHidden.rows(from, to), false, null);
            }
            if (dWeight != null) {
                pass.kernels()
                        .matmul(
                                pass.workers(),
                                Layout.TN,
                                classes,
                                width,
                                rows,
                                dZ.array(),
                                dZ.offset(),
                                classes,
                                h.array(),
                                h.offset() + from * width,
                                width,
                                dWeight.array(),
                                dWeight.offset(),
                                width,
                                Epilogue.accumulate(from > 0));
            }
            if (dBias != null) {
                Blocks.addRowSums(pass, dZ, rows, classes, dBias, from > 0);
            }
        }

        Tensor[] gradients() {
            return Stream.of(dHidden, dWeight, dBias).filter(Objects::nonNull).toArray(Tensor[]::new);
        }

        void backward(float upstream) {
            addScaled(upstream, dHidden, hidden);
            addScaled(upstream, dWeight, weight);
            addScaled(upstream, dBias, bias);
        }

        private void addScaled(float upstream, @Nullable Tensor from, @Nullable Var variable) {
            if (from == null || variable == null) {
                return;
            }
            boolean adopted = pass.adoptGradient(variable, from);
            if (adopted && upstream == 1) {
                return;
            }
            Tensor to = adopted ? from : pass.gradient(variable);
            Blocks.overRows(pass.workers(), to.size(), 1, (first, last, scratch) -> {
                if (adopted) {
                    pass.kernels().scale(upstream, to.array(), to.offset() + first, last - first);
                } else {
                    int at = from.offset() + first;
                    pass.kernels().axpy(upstream, from.array(), at, to.array(), to.offset() + first, last - first);
                }
            });
        }
    }
}
