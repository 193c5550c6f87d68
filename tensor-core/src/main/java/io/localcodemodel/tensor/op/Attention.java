package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import org.jspecify.annotations.Nullable;

/// Scaled dot-product attention inside each sequence, `softmax(scale·Q·Kᵀ + mask)·V`, without ever holding a matrix of
/// all scores. [NaiveAttention] is the definition.
///
/// Scores exist for a few queries and some hundred keys at a time; what is kept for the way back is one number a row.
/// Keys that no query of a block sees are not touched, so a causal mask costs half of none and a sliding window is
/// linear in the length. The same code trains, reads a prompt and decodes with a cache.
public final class Attention {
    private Attention() {}

    /// Attention of fused queries, keys and values.
    ///
    /// @param qkv `[tokens, (heads + 2·kvHeads)·headSize]`, a row is the queries, the keys, the values
    /// @param cache where keys and values are read from instead, for inference; null when there is no past
    /// @return `[tokens, heads·headSize]`
    public static Var apply(Pass pass, Var qkv, AttentionSpec spec, Sequences sequences, @Nullable KeyValues cache) {
        Shapes.requireMatrix("attention", "qkv", qkv, sequences.tokens(), spec.fusedWidth());
        if (cache != null && pass.records() && qkv.requiresGradient()) {
            throw new IllegalStateException("attention: a cache serves inference; this pass records a gradient");
        }
        KeyValues source =
                cache == null ? new FusedKeyValues(qkv.value(), spec, sequences) : requireLengths(cache, sequences);
        Var y = pass.output(Shape.of(sequences.tokens(), spec.queryWidth()), qkv);
        AttentionTiles tiles = new AttentionTiles(spec, sequences, qkv.value(), source);
        Tensor normalizers = y.requiresGradient() ? pass.temporary(Shape.of(sequences.tokens(), spec.heads())) : null;
        AttentionForward forward = new AttentionForward(pass.kernels(), tiles, y.value(), normalizers);
        Work work = tiles.work();
        pass.run(work, () -> pass.workers().run(tiles.blocks(), forward::block));
        if (normalizers != null) {
            qkv.keepExact();
            y.keepExact();
            pass.record(y, work.times(2.5), () -> backward(pass, y, qkv, tiles, normalizers), normalizers);
        }
        return y;
    }

    private static KeyValues requireLengths(KeyValues cache, Sequences sequences) {
        for (int i = 0; i < sequences.count(); i++) {
            if (cache.length(i) < sequences.length(i)) {
                throw new IllegalArgumentException("attention: expected the cache of sequence " + i + " to hold its "
                        + sequences.length(i) + " new tokens, found " + cache.length(i) + " rows");
            }
        }
        return cache;
    }

    private static void backward(Pass pass, Var y, Var qkv, AttentionTiles tiles, Tensor normalizers) {
        boolean accumulate = qkv.gradient() != null;
        AttentionBackward backward = new AttentionBackward(
                pass.kernels(),
                tiles,
                y.value(),
                normalizers,
                pass.gradientOf(y),
                pass.gradientToFill(qkv),
                accumulate);
        int kvHeads = tiles.spec.kvHeads();
        pass.workers()
                .run(
                        tiles.sequences.count() * kvHeads,
                        (block, scratch) -> backward.keyHead(block / kvHeads, block % kvHeads, scratch));
    }
}
