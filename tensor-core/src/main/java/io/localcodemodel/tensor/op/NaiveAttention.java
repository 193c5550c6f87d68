package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;

/// Scaled dot-product attention as it is defined (Vaswani et al. 2017), with an explicit mask and every probability
/// kept: `P = softmax(scale·Q·Kᵀ + M)`, `O = P·V`. What [Attention] answers to.
///
/// `dV += Pᵀ·dO`, `dP = dO·Vᵀ`, `dS = P∘(dP - rowsum(P∘dP))`, `dQ += scale·dS·K`, `dK += scale·dSᵀ·Q`.
public final class NaiveAttention {
    private NaiveAttention() {}

    /// Attention inside each sequence.
    ///
    /// @param qkv `[tokens, (heads + 2·kvHeads)·headSize]`, a row is the queries, the keys, the values
    /// @param spec its mask is not looked at
    /// @param additiveMask `[n, n]` with n at least the longest sequence: element `(i, j)` is added to the score of query
    ///     `i` and key `j`; negative infinity hides the key. See [Mask#additive]
    /// @return `[tokens, heads·headSize]`
    public static Var apply(Pass pass, Var qkv, AttentionSpec spec, Sequences sequences, Tensor additiveMask) {
        Shapes.requireMatrix("attention", "qkv", qkv, sequences.tokens(), spec.fusedWidth());
        int[] probabilityOffsets = probabilityOffsets(spec, sequences);
        Tensor mask = requireMask(additiveMask, sequences);
        Var y = pass.output(Shape.of(sequences.tokens(), spec.queryWidth()), qkv);
        Tensor probabilities = pass.temporary(Shape.of(probabilityOffsets[sequences.count()]));
        Geometry geometry = new Geometry(spec, sequences, mask, probabilities, probabilityOffsets);
        Work work = Work.product("naive attention", probabilities.size(), 2, spec.headSize());
        pass.run(
                work,
                () -> pass.workers().run(sequences.count() * spec.heads(), (block, scratch) -> {
                    for (int t = 0; t < geometry.length(block); t++) {
                        forwardRow(pass.kernels(), geometry, block, t, qkv.value(), y.value());
                    }
                }));
        if (y.requiresGradient()) {
            pass.record(y, work.times(2), () -> backward(pass, geometry, y, qkv), probabilities);
        } else {
            pass.release(probabilities);
        }
        return y;
    }

    private static Tensor requireMask(Tensor mask, Sequences sequences) {
        boolean square = mask.shape().rank() == 2
                && mask.shape().dimension(0) == mask.shape().dimension(1);
        if (!square || mask.shape().dimension(0) < sequences.longest()) {
            throw new IllegalArgumentException("attention: expected a square mask of at least " + sequences.longest()
                    + " positions, the longest sequence, found shape " + mask.shape());
        }
        return mask;
    }

    private static int[] probabilityOffsets(AttentionSpec spec, Sequences sequences) {
        int[] offsets = new int[sequences.count() + 1];
        for (int i = 0; i < sequences.count(); i++) {
            int square = Math.multiplyExact(sequences.length(i), sequences.length(i));
            offsets[i + 1] = Math.addExact(offsets[i], Math.multiplyExact(spec.heads(), square));
        }
        return offsets;
    }

    /// Where everything of a block lies; a block is one head of one sequence.
    private record Geometry(
            AttentionSpec spec, Sequences sequences, Tensor mask, Tensor probabilities, int[] probabilityOffsets) {
        int sequence(int block) {
            return block / spec.heads();
        }

        int head(int block) {
            return block % spec.heads();
        }

        int length(int block) {
            return sequences.length(sequence(block));
        }

        private int token(int block, int t) {
            return (sequences.start(sequence(block)) + t) * spec.fusedWidth();
        }

        int query(int block, int t) {
            return token(block, t) + head(block) * spec.headSize();
        }

        int key(int block, int t) {
            return token(block, t) + spec.queryWidth() + head(block) / spec.group() * spec.headSize();
        }

        int value(int block, int t) {
            return key(block, t) + spec.keyWidth();
        }

        int output(int block, int t) {
            return (sequences.start(sequence(block)) + t) * spec.queryWidth() + head(block) * spec.headSize();
        }

        int probability(int block, int t) {
            int row = head(block) * length(block) + t;
            return probabilities.offset() + probabilityOffsets[sequence(block)] + row * length(block);
        }

        int mask(int t) {
            return mask.offset() + t * mask.shape().columns();
        }
    }

    private static void forwardRow(Kernels kernels, Geometry at, int block, int t, Tensor qkv, Tensor y) {
        int length = at.length(block);
        int size = at.spec().headSize();
        float[] p = at.probabilities().array();
        int row = at.probability(block, t);
        float[] in = qkv.array();
        for (int j = 0; j < length; j++) {
            int query = qkv.offset() + at.query(block, t);
            float score = kernels.dot(in, query, in, qkv.offset() + at.key(block, j), size);
            p[row + j] = at.spec().scale() * score + at.mask().array()[at.mask(t) + j];
        }
        kernels.softmaxRow(1, p, row, p, row, length);
        int out = y.offset() + at.output(block, t);
        Arrays.fill(y.array(), out, out + size, 0);
        for (int j = 0; j < length; j++) {
            kernels.axpy(p[row + j], in, qkv.offset() + at.value(block, j), y.array(), out, size);
        }
    }

    /// Heads that share keys add to the same gradient, so a block is a sequence with all of its heads in order.
    private static void backward(Pass pass, Geometry at, Var y, Var qkv) {
        Tensor dY = pass.gradientOf(y);
        Tensor dQkv = pass.gradient(qkv);
        Tensor rows = qkv.value();
        pass.workers().run(at.sequences().count(), (sequence, scratch) -> {
            int length = at.sequences().length(sequence);
            float[] dScores = scratch.floats(Scratch.FIRST_FREE, length);
            for (int head = 0; head < at.spec().heads(); head++) {
                for (int t = 0; t < length; t++) {
                    int block = sequence * at.spec().heads() + head;
                    backwardRow(pass.kernels(), at, block, t, rows, dY, dQkv, dScores);
                }
            }
        });
    }

    private static void backwardRow(
            Kernels kernels, Geometry at, int block, int t, Tensor qkv, Tensor dY, Tensor dQkv, float[] dScores) {
        int length = at.length(block);
        int size = at.spec().headSize();
        int row = at.probability(block, t);
        float[] p = at.probabilities().array();
        float[] in = qkv.array();
        float[] dIn = dQkv.array();
        int dOut = dY.offset() + at.output(block, t);
        for (int j = 0; j < length; j++) {
            kernels.axpy(p[row + j], dY.array(), dOut, dIn, dQkv.offset() + at.value(block, j), size);
            dScores[j] = kernels.dot(dY.array(), dOut, in, qkv.offset() + at.value(block, j), size);
        }
        kernels.softmaxBackwardRow(at.spec().scale(), p, row, dScores, 0, dScores, 0, length, false);
        int query = at.query(block, t);
        for (int j = 0; j < length; j++) {
            int key = at.key(block, j);
            kernels.axpy(dScores[j], in, qkv.offset() + key, dIn, dQkv.offset() + query, size);
            kernels.axpy(dScores[j], in, qkv.offset() + query, dIn, dQkv.offset() + key, size);
        }
    }
}
