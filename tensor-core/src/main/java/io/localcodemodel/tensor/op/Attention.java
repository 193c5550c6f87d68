package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Scaled dot-product attention inside each sequence: `softmax(scale·Q·Kᵀ + mask)·V`, without ever holding a matrix of
/// all scores. [NaiveAttention] is the definition.
public final class Attention {
    private Attention() {}

    /// Attention of fused queries, keys and values.
    ///
    /// @param qkv `[tokens, (heads + 2·kvHeads)·headSize]`, a row is the queries, the keys, the values
    /// @param cache where keys and values are read from instead, for inference; null when there is no past
    /// @return `[tokens, heads·headSize]`
    public static Var apply(Pass pass, Var qkv, AttentionSpec spec, Sequences sequences, @Nullable KeyValues cache) {
        Shapes.require("attention", "qkv", qkv, Shape.of(sequences.tokens(), spec.fusedWidth()));
        Var y = pass.output(Shape.of(sequences.tokens(), spec.queryWidth()), qkv);
        if (cache != null && y.requiresGradient()) {
            throw new IllegalStateException("attention: a cache serves inference; this pass records a gradient");
        }
        KeyValues source = cache == null ? new FusedKeyValues(qkv.value(), spec, sequences) : cache;
        pass.workers().run(sequences.count() * spec.heads(), (block, scratch) -> {
            int sequence = block / spec.heads();
            forward(
                    pass.kernels(),
                    scratch,
                    qkv.value(),
                    spec,
                    sequences,
                    sequence,
                    block % spec.heads(),
                    source,
                    y.value());
        });
        if (y.requiresGradient()) {
            pass.record(y, () -> backward(pass, y, qkv, spec, sequences));
        }
        return y;
    }

    private static void forward(
            Kernels kernels,
            Scratch scratch,
            Tensor qkv,
            AttentionSpec spec,
            Sequences sequences,
            int sequence,
            int head,
            KeyValues source,
            Tensor y) {
        int size = spec.headSize();
        int length = source.length(sequence);
        int past = length - sequences.length(sequence);
        float[] p = scratch.floats(Scratch.FIRST_FREE, length);
        int headOffset = head / spec.group() * size;
        float[] keys = source.keys(sequence);
        float[] values = source.values(sequence);
        for (int t = 0; t < sequences.length(sequence); t++) {
            int token = sequences.start(sequence) + t;
            int query = qkv.offset() + token * spec.fusedWidth() + head * size;
            int first = spec.mask().first(past + t);
            int end = spec.mask().end(past + t, length);
            for (int j = first; j < end; j++) {
                int key = source.keysOffset(sequence) + j * source.rowStride() + headOffset;
                p[j] = kernels.dot(qkv.array(), query, keys, key, size);
            }
            kernels.softmaxRow(spec.scale(), p, first, p, first, end - first);
            int out = y.offset() + token * spec.queryWidth() + head * size;
            Arrays.fill(y.array(), out, out + size, 0);
            for (int j = first; j < end; j++) {
                int value = source.valuesOffset(sequence) + j * source.rowStride() + headOffset;
                kernels.axpy(p[j], values, value, y.array(), out, size);
            }
        }
    }

    private static void backward(Pass pass, Var y, Var qkv, AttentionSpec spec, Sequences sequences) {
        Tensor dY = pass.gradientOf(y);
        Tensor dQkv = pass.gradient(qkv);
        pass.workers().run(sequences.count(), (sequence, scratch) -> {
            for (int head = 0; head < spec.heads(); head++) {
                backward(pass.kernels(), scratch, qkv.value(), dQkv, dY, spec, sequences, sequence, head);
            }
        });
    }

    private static void backward(
            Kernels kernels,
            Scratch scratch,
            Tensor qkv,
            Tensor dQkv,
            Tensor dY,
            AttentionSpec spec,
            Sequences sequences,
            int sequence,
            int head) {
        int size = spec.headSize();
        int length = sequences.length(sequence);
        int width = spec.fusedWidth();
        int start = sequences.start(sequence) * width;
        int keyAt = spec.queryWidth() + head / spec.group() * size;
        int valueAt = keyAt + spec.keyWidth();
        float[] p = scratch.floats(Scratch.FIRST_FREE, length);
        float[] dP = scratch.floats(Scratch.FIRST_FREE + 1, length);
        float[] in = qkv.array();
        float[] dIn = dQkv.array();
        for (int t = 0; t < length; t++) {
            int query = start + t * width + head * size;
            int dOut = dY.offset() + (sequences.start(sequence) + t) * spec.queryWidth() + head * size;
            int first = spec.mask().first(t);
            int end = spec.mask().end(t, length);
            for (int j = first; j < end; j++) {
                int row = start + j * width;
                p[j] = kernels.dot(in, qkv.offset() + query, in, qkv.offset() + row + keyAt, size);
                dP[j] = kernels.dot(dY.array(), dOut, in, qkv.offset() + row + valueAt, size);
            }
            kernels.softmaxRow(spec.scale(), p, first, p, first, end - first);
            for (int j = first; j < end; j++) {
                int dValue = dQkv.offset() + start + j * width + valueAt;
                kernels.axpy(p[j], dY.array(), dOut, dIn, dValue, size);
            }
            kernels.softmaxBackwardRow(spec.scale(), p, first, dP, first, dP, first, end - first, false);
            for (int j = first; j < end; j++) {
                int key = start + j * width + keyAt;
                kernels.axpy(dP[j], in, qkv.offset() + key, dIn, dQkv.offset() + query, size);
                kernels.axpy(dP[j], in, qkv.offset() + query, dIn, dQkv.offset() + key, size);
            }
        }
    }

    /// The keys and values of the tokens themselves.
    private record FusedKeyValues(Tensor qkv, AttentionSpec spec, Sequences sequences) implements KeyValues {
        @Override
        public float[] keys(int sequence) {
            return qkv.array();
        }

        @Override
        public int keysOffset(int sequence) {
            return qkv.offset() + sequences.start(sequence) * spec.fusedWidth() + spec.queryWidth();
        }

        @Override
        public float[] values(int sequence) {
            return qkv.array();
        }

        @Override
        public int valuesOffset(int sequence) {
            return keysOffset(sequence) + spec.keyWidth();
        }

        @Override
        public int rowStride() {
            return spec.fusedWidth();
        }

        @Override
        public int length(int sequence) {
            return sequences.length(sequence);
        }
    }
}
