package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;

/// The mean cross-entropy between a softmax of logits and target classes, in nats.
///
/// For a row with logits z, `lse = log Σ e^z` and target t:
/// `loss = lse - (1 - s)·z[t] - s·mean(z) + λ·lse²` with label smoothing s (Szegedy et al. 2016) and z-loss weight λ
/// (Chowdhery et al. 2022, PaLM). With `p = softmax(z)`: `dz = p·(1 + 2λ·lse) - (1 - s)·onehot(t) - s/classes`. Both are
/// averaged over the rows that are not ignored; where all are ignored the loss is 0.
public final class CrossEntropy {
    /// The target of a row that does not count.
    public static final int IGNORE = -100;

    private CrossEntropy() {}

    /// What else goes into the loss.
    ///
    /// @param labelSmoothing the share of the target that is spread over all classes, in [0, 1)
    /// @param zLoss the weight of the squared logarithm of the softmax's denominator, at least 0
    public record Options(float labelSmoothing, float zLoss) {
        /// Neither smoothing nor z-loss.
        public static final Options PLAIN = new Options(0, 0);

        public Options {
            if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
                throw new IllegalArgumentException(
                        "cross-entropy: expected label smoothing in [0, 1), found " + labelSmoothing);
            }
            if (!(zLoss >= 0 && zLoss < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("cross-entropy: expected a z-loss of at least 0, found " + zLoss);
            }
        }
    }

    /// The mean over the rows whose target is not [#IGNORE].
    ///
    /// @param logits `[rows, classes]`
    /// @param targets for each row a class, or [#IGNORE]
    /// @return a scalar
    public static Var apply(Pass pass, Var logits, int[] targets, Options options) {
        int classes = logits.shape().columns();
        int rows = logits.shape().rows();
        int counted = requireTargets(targets, rows, classes);
        Var loss = pass.output(Shape.SCALAR, logits);
        Tensor normalizers = pass.temporary(Shape.of(rows));
        Tensor losses = pass.temporary(Shape.of(rows));
        Tensor z = logits.value();
        pass.run(
                Work.elementwise("cross-entropy", z.size()),
                () -> forward(pass, z, targets, options, normalizers, losses));
        loss.value().array()[loss.value().offset()] = mean(losses, counted);
        pass.release(losses);
        if (loss.requiresGradient()) {
            Work work = Work.elementwise("cross-entropy", 2L * z.size());
            pass.record(
                    loss,
                    work,
                    () -> backward(pass, loss, logits, targets, counted, options, normalizers),
                    normalizers);
        } else {
            pass.release(normalizers);
        }
        return loss;
    }

    private static void forward(
            Pass pass, Tensor z, int[] targets, Options options, Tensor normalizers, Tensor losses) {
        int classes = z.shape().columns();
        Blocks.overRows(pass.workers(), targets.length, classes, (from, to, scratch) -> {
            float[] exponentials = scratch.floats(Scratch.FIRST_FREE, classes);
            for (int row = from; row < to; row++) {
                int at = z.offset() + row * classes;
                float lse = logSumExp(pass.kernels(), z.array(), at, exponentials, classes);
                normalizers.array()[normalizers.offset() + row] = lse;
                losses.array()[losses.offset() + row] =
                        lossOfRow(pass.kernels(), z.array(), at, classes, lse, targets[row], options);
            }
        });
    }

    private static void backward(
            Pass pass, Var loss, Var logits, int[] targets, int counted, Options options, Tensor normalizers) {
        int classes = logits.shape().columns();
        boolean accumulate = logits.gradient() != null;
        float upstream = pass.gradientOf(loss).scalar();
        float share = counted == 0 ? 0 : upstream / counted;
        Tensor z = logits.value();
        Tensor dZ = pass.gradientToFill(logits);
        Blocks.overRows(pass.workers(), logits.shape().rows(), classes, (from, to, scratch) -> {
            float[] row = accumulate ? scratch.floats(Scratch.FIRST_FREE, classes) : dZ.array();
            for (int i = from; i < to; i++) {
                int out = dZ.offset() + i * classes;
                int at = accumulate ? 0 : out;
                float lse = normalizers.array()[normalizers.offset() + i];
                gradientOfRow(
                        pass.kernels(),
                        z.array(),
                        z.offset() + i * classes,
                        classes,
                        lse,
                        targets[i],
                        options,
                        share,
                        row,
                        at);
                if (accumulate) {
                    pass.kernels().axpy(1, row, 0, dZ.array(), out, classes);
                }
            }
        });
    }

    /// Checks the targets and counts those that are not ignored.
    static int requireTargets(int[] targets, int rows, int classes) {
        if (targets.length != rows) {
            throw new IllegalArgumentException(
                    "cross-entropy: expected a target for each of " + rows + " rows, found " + targets.length);
        }
        int counted = 0;
        for (int row = 0; row < rows; row++) {
            int target = targets[row];
            if (target == IGNORE) {
                continue;
            }
            if (target < 0 || target >= classes) {
                throw new IllegalArgumentException("cross-entropy: target " + target + " of row " + row
                        + " is neither in [0, " + classes + ") nor " + IGNORE + " (ignored)");
            }
            counted++;
        }
        return counted;
    }

    /// `log Σ e^z`; fills `exponentials` with `e^(z - max z)`.
    static float logSumExp(Kernels kernels, float[] z, int at, float[] exponentials, int classes) {
        float maximum = kernels.maximum(z, at, classes);
        return maximum + (float) Math.log(kernels.exponentials(z, at, maximum, exponentials, 0, classes));
    }

    static float lossOfRow(Kernels kernels, float[] z, int at, int classes, float lse, int target, Options options) {
        if (target == IGNORE) {
            return 0;
        }
        float smoothing = options.labelSmoothing();
        float loss = lse - (1 - smoothing) * z[at + target] + options.zLoss() * lse * lse;
        return smoothing == 0 ? loss : loss - smoothing * kernels.sum(z, at, classes) / classes;
    }

    /// Writes `share · dz` of a row; `out` may be `z` itself.
    static void gradientOfRow(
            Kernels kernels,
            float[] z,
            int at,
            int classes,
            float lse,
            int target,
            Options options,
            float share,
            float[] out,
            int outAt) {
        if (target == IGNORE) {
            Arrays.fill(out, outAt, outAt + classes, 0);
            return;
        }
        kernels.exponentials(z, at, lse, out, outAt, classes);
        kernels.scale(share * (1 + 2 * options.zLoss() * lse), out, outAt, classes);
        float smoothing = options.labelSmoothing();
        out[outAt + target] -= share * (1 - smoothing);
        if (smoothing != 0) {
            float spread = share * smoothing / classes;
            for (int i = outAt; i < outAt + classes; i++) {
                out[i] -= spread;
            }
        }
    }

    /// The sum in double precision, in row order, over `counted`.
    static float mean(Tensor losses, int counted) {
        double sum = 0;
        for (int row = 0; row < losses.size(); row++) {
            sum += losses.array()[losses.offset() + row];
        }
        return counted == 0 ? 0 : (float) (sum / counted);
    }
}
