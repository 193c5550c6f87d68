package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;

/// The keys and values of the tokens themselves.
record FusedKeyValues(Tensor qkv, AttentionSpec spec, Sequences sequences) implements KeyValues {
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
