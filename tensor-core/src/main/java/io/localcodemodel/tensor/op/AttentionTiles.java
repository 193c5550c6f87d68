package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Work;
import java.util.Arrays;

/// The tiles of one attention call: which rows of which tensor a block of queries and a tile of keys are.
///
/// A block is a few consecutive queries of one sequence, for all the query heads that share one key head: its rows are
/// stacked head by head, so that grouped heads meet a tile of keys in one product. Tiles of keys begin at multiples of
/// [#KEYS], so that a query's row is cut at the same places whichever block it is in.
final class AttentionTiles {
    /// Rows of a block of queries: more amortise the packing of the keys, fewer waste less on the causal diagonal.
    static final int ROWS = 32;
    /// Keys per tile: scores and probabilities of a block stay in the second-level cache.
    static final int KEYS = 512;

    final AttentionSpec spec;
    final Sequences sequences;
    private final Tensor qkv;
    final KeyValues source;
    /// How many positions back a query sees, its own included: the mask as a number, read for every row.
    private final int window;
    /// Whether a query sees positions after its own.
    private final boolean ahead;

    private final int positions;
    /// For each sequence, its first block; after the last, the number of blocks.
    private final int[] firstBlocks;

    AttentionTiles(AttentionSpec spec, Sequences sequences, Tensor qkv, KeyValues source) {
        this.spec = spec;
        this.sequences = sequences;
        this.qkv = qkv;
        this.source = source;
        this.window = spec.mask() instanceof Mask.SlidingWindow(int seen) ? seen : Integer.MAX_VALUE;
        this.ahead = spec.mask() instanceof Mask.Bidirectional;
        this.positions = Math.max(1, ROWS / spec.group());
        this.firstBlocks = new int[sequences.count() + 1];
        for (int i = 0; i < sequences.count(); i++) {
            firstBlocks[i + 1] = firstBlocks[i] + spec.kvHeads() * blocksPerHead(i);
        }
    }

    /// How many blocks the queries of a sequence are, for each key head.
    int blocksPerHead(int sequence) {
        return Math.ceilDiv(sequences.length(sequence), positions);
    }

    /// How many blocks of queries there are.
    int blocks() {
        return firstBlocks[sequences.count()];
    }

    /// The two products over the pairs of a query and a key that it sees.
    Work work() {
        long pairs = 0;
        for (int i = 0; i < sequences.count(); i++) {
            int length = source.length(i);
            for (int position = length - sequences.length(i); position < length; position++) {
                pairs += end(position, length) - first(position);
            }
        }
        long floats = (long) sequences.tokens() * (spec.fusedWidth() + spec.queryWidth());
        return new Work("attention", 4L * pairs * spec.queryWidth(), floats * Float.BYTES);
    }

    /// The first position that a query at `position` sees, as [Mask#first].
    int first(int position) {
        return Math.max(0, position - window + 1);
    }

    /// One past the last position that a query at `position` sees among `length` keys, as [Mask#end].
    int end(int position, int length) {
        return ahead ? length : Math.min(position + 1, length);
    }

    /// The sequence of a block.
    int sequence(int block) {
        int found = Arrays.binarySearch(firstBlocks, block);
        return found >= 0 ? found : -found - 2;
    }

    /// The first block of a sequence; those of its first key head come first.
    int firstBlock(int sequence) {
        return firstBlocks[sequence];
    }

    /// How many queries a block holds, but for the last ones of a sequence.
    int positions() {
        return positions;
    }

    /// The fused rows.
    Tensor qkv() {
        return qkv;
    }

    /// One past the last key of the tile that begins at `from`.
    static int tileEnd(int from, int endKey) {
        return Math.min(endKey, (from / KEYS + 1) * KEYS);
    }
}
