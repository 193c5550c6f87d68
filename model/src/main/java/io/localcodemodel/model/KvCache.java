package io.localcodemodel.model;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.op.AttentionSpec;
import java.util.Arrays;

/// The keys and values of one sequence in every layer of one model, so that its next token need not compute them again.
///
/// A forward that is given a cache continues the sequence in it. Memory grows by doubling, up to the model's context
/// length. A cache belongs to one thread at a time.
public final class KvCache {
    private final int contextLength;
    private final int rowWidth;
    private final float[][] keys;
    private final float[][] values;
    private int capacity;
    private int length;

    KvCache(TransformerConfig config, int capacity) {
        if (capacity < 0 || capacity > config.contextLength()) {
            throw new IllegalArgumentException("a cache holds between 0 and " + config.contextLength()
                    + " tokens, the model's context length, not " + capacity);
        }
        this.contextLength = config.contextLength();
        this.rowWidth = config.kvHeads() * config.headSize();
        this.keys = new float[config.layers()][];
        this.values = new float[config.layers()][];
        Arrays.setAll(keys, layer -> new float[Math.multiplyExact(capacity, rowWidth)]);
        Arrays.setAll(values, layer -> new float[capacity * rowWidth]);
        this.capacity = capacity;
    }

    /// How many tokens it holds: the position of the next one.
    public int length() {
        return length;
    }

    /// How many tokens fit before it grows.
    public int capacity() {
        return capacity;
    }

    /// The longest sequence it can ever hold, the context length of its model.
    public int contextLength() {
        return contextLength;
    }

    /// The bytes its arrays take now.
    public long byteSize() {
        return 2L * keys.length * capacity * rowWidth * Float.BYTES;
    }

    /// Forgets all tokens from position `length` on; the arrays are kept.
    ///
    /// @throws IllegalArgumentException if `length` is negative or more than the cache holds
    public void truncate(int length) {
        if (length < 0 || length > this.length) {
            throw new IllegalArgumentException(
                    "a cache of " + this.length + " tokens cannot be cut to " + length + " tokens");
        }
        this.length = length;
    }

    boolean fits(TransformerConfig config) {
        return keys.length == config.layers()
                && rowWidth == config.kvHeads() * config.headSize()
                && contextLength == config.contextLength();
    }

    /// Makes room for `tokens` in all.
    void reserve(int tokens) {
        if (tokens <= capacity) {
            return;
        }
        int grown = (int) Math.min(contextLength, Math.max(tokens, 2L * capacity));
        int floats = Math.multiplyExact(grown, rowWidth);
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = Arrays.copyOf(keys[layer], floats);
            values[layer] = Arrays.copyOf(values[layer], floats);
        }
        capacity = grown;
    }

    /// Writes the keys and values of `count` fused rows behind the tokens held so far; they count once [#advance] says
    /// that every layer has them.
    void write(int layer, Tensor qkv, AttentionSpec spec, int firstRow, int count) {
        for (int t = 0; t < count; t++) {
            int key = qkv.offset() + (firstRow + t) * spec.fusedWidth() + spec.queryWidth();
            int to = (length + t) * rowWidth;
            System.arraycopy(qkv.array(), key, keys[layer], to, rowWidth);
            System.arraycopy(qkv.array(), key + rowWidth, values[layer], to, rowWidth);
        }
    }

    void advance(int tokens) {
        length += tokens;
    }

    float[] keys(int layer) {
        return keys[layer];
    }

    float[] values(int layer) {
        return values[layer];
    }

    int rowWidth() {
        return rowWidth;
    }

    @Override
    public String toString() {
        return "KvCache[" + length + " of " + capacity + " tokens]";
    }
}
