package io.localcodemodel.tensor.op;

/// The measures of an attention layer.
///
/// @param heads the number of query heads, a multiple of `kvHeads`
/// @param kvHeads the number of key and value heads: `heads` for multi-head attention, fewer for grouped queries
///     (Ainslie et al. 2023), 1 for multi-query attention; query head `h` reads key head `h / (heads / kvHeads)`
/// @param headSize the width of a head
/// @param scale what scores are multiplied with before the softmax, usually `1/√headSize`
/// @param mask which keys a query sees
public record AttentionSpec(int heads, int kvHeads, int headSize, float scale, Mask mask) {
    public AttentionSpec {
        if (heads < 1 || kvHeads < 1 || headSize < 1) {
            throw new IllegalArgumentException("attention: expected at least 1 head, key head and element per head, "
                    + "found " + heads + ", " + kvHeads + " and " + headSize);
        }
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException("attention: heads must be divisible by kvHeads: " + heads + " % "
                    + kvHeads + " = " + heads % kvHeads);
        }
    }

    /// Attention to the past with the usual scale `1/√headSize`.
    public static AttentionSpec causal(int heads, int kvHeads, int headSize) {
        return new AttentionSpec(heads, kvHeads, headSize, (float) (1 / Math.sqrt(headSize)), new Mask.Causal());
    }

    /// How many query heads share a key head.
    public int group() {
        return heads / kvHeads;
    }

    /// The width of the queries of a token, which is that of the output: `heads · headSize`.
    public int queryWidth() {
        return heads * headSize;
    }

    /// The width of the keys of a token, and of its values: `kvHeads · headSize`.
    public int keyWidth() {
        return kvHeads * headSize;
    }

    /// The width of a row of fused queries, keys and values: `(heads + 2·kvHeads) · headSize`.
    public int fusedWidth() {
        return queryWidth() + 2 * keyWidth();
    }
}
