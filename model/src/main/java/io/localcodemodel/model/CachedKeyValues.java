package io.localcodemodel.model;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.op.AttentionSpec;
import io.localcodemodel.tensor.op.KeyValues;
import io.localcodemodel.tensor.op.Sequences;

/// One layer's view of the caches of a batch.
final class CachedKeyValues implements KeyValues {
    private final KvCache[] caches;
    private final int layer;
    private final Sequences sequences;

    private CachedKeyValues(KvCache[] caches, int layer, Sequences sequences) {
        this.caches = caches;
        this.layer = layer;
        this.sequences = sequences;
    }

    /// Writes the new rows of each sequence behind its cache and returns the view that includes them.
    static CachedKeyValues append(KvCache[] caches, int layer, Tensor qkv, AttentionSpec spec, Sequences sequences) {
        for (int i = 0; i < caches.length; i++) {
            caches[i].write(layer, qkv, spec, sequences.start(i), sequences.length(i));
        }
        return new CachedKeyValues(caches, layer, sequences);
    }

    @Override
    public float[] keys(int sequence) {
        return caches[sequence].keys(layer);
    }

    @Override
    public int keysOffset(int sequence) {
        return 0;
    }

    @Override
    public float[] values(int sequence) {
        return caches[sequence].values(layer);
    }

    @Override
    public int valuesOffset(int sequence) {
        return 0;
    }

    @Override
    public int rowStride() {
        return caches[0].rowWidth();
    }

    @Override
    public int length(int sequence) {
        return caches[sequence].length() + sequences.length(sequence);
    }
}
