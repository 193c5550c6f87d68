package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Kernels;
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
    private final int positions;
    /// For each sequence, its first block; after the last, the number of blocks.
    private final int[] firstBlocks;

    AttentionTiles(AttentionSpec spec, Sequences sequences, Tensor qkv, KeyValues source) {
        this.spec = spec;
        this.sequences = sequences;
        this.qkv = qkv;
        this.source = source;
        this.positions = Math.max(1, ROWS / spec.group());
        this.firstBlocks = new int[sequences.count() + 1];
        for (int i = 0; i < sequences.count(); i++) {
            firstBlocks[i + 1] = firstBlocks[i] + spec.kvHeads() * blocksPerHead(i);
        }
    }

    private int blocksPerHead(int sequence) {
        return Math.ceilDiv(sequences.length(sequence), positions);
    }

    /// How many blocks of queries there are.
    int blocks() {
        return firstBlocks[sequences.count()];
    }

    /// The index of the first element of the fused rows in their array.
    int qkvOffset() {
        return qkv.offset();
    }

    /// The two products over the pairs of a query and a key that it sees.
    Work work() {
        long pairs = 0;
        for (int i = 0; i < sequences.count(); i++) {
            int length = source.length(i);
            for (int position = length - sequences.length(i); position < length; position++) {
                pairs += spec.mask().end(position, length) - spec.mask().first(position);
            }
        }
        long floats = (long) sequences.tokens() * (spec.fusedWidth() + spec.queryWidth());
        return new Work("attention", 4L * pairs * spec.queryWidth(), floats * Float.BYTES);
    }

    Block block(int index) {
        int found = Arrays.binarySearch(firstBlocks, index);
        int sequence = found >= 0 ? found : -found - 2;
        int inSequence = index - firstBlocks[sequence];
        return block(sequence, inSequence / blocksPerHead(sequence), inSequence % blocksPerHead(sequence));
    }

    private Block block(int sequence, int kvHead, int index) {
        int from = index * positions;
        return new Block(sequence, kvHead, from, Math.min(sequences.length(sequence), from + positions));
    }

    /// The blocks of queries that read one key head of one sequence.
    Block[] blocks(int sequence, int kvHead) {
        Block[] blocks = new Block[blocksPerHead(sequence)];
        Arrays.setAll(blocks, i -> block(sequence, kvHead, i));
        return blocks;
    }

    /// Queries `from` to `to` of a sequence, for the query heads of one key head.
    final class Block {
        final int sequence;
        final int kvHead;
        private final int from;
        private final int count;
        private final int past;
        private final int length;

        private Block(int sequence, int kvHead, int from, int to) {
            this.sequence = sequence;
            this.kvHead = kvHead;
            this.from = from;
            this.count = to - from;
            this.length = source.length(sequence);
            this.past = length - sequences.length(sequence);
        }

        int rows() {
            return count * spec.group();
        }

        /// The token of a row, counted over all sequences.
        int token(int row) {
            return sequences.start(sequence) + from + row % count;
        }

        /// The query head of a row.
        int head(int row) {
            return kvHead * spec.group() + row / count;
        }

        /// Where a row's query lies in the fused rows, relative to their first element.
        int query(int row) {
            return token(row) * spec.fusedWidth() + head(row) * spec.headSize();
        }

        /// Where a row's output lies, relative to the first element of all outputs.
        int output(int row) {
            return token(row) * spec.queryWidth() + head(row) * spec.headSize();
        }

        /// Where a row's normaliser lies.
        int normalizer(int row) {
            return token(row) * spec.heads() + head(row);
        }

        /// The first key that any of the queries sees.
        int firstKey() {
            return spec.mask().first(past + from);
        }

        /// One past the last key that any of the queries sees.
        int endKey() {
            return spec.mask().end(past + from + count - 1, length);
        }

        /// The first key of the tile `[tile, tileEnd)` that a row sees; `tileEnd` where it sees none.
        int firstKey(int row, int tile, int tileEnd) {
            return Math.clamp(spec.mask().first(past + from + row % count), tile, tileEnd);
        }

        /// One past the last key of the tile that a row sees.
        int endKey(int row, int tile, int tileEnd) {
            return Math.clamp(spec.mask().end(past + from + row % count, length), tile, tileEnd);
        }

        int key(int position) {
            return source.keysOffset(sequence) + position * source.rowStride() + kvHead * spec.headSize();
        }

        int value(int position) {
            return source.valuesOffset(sequence) + position * source.rowStride() + kvHead * spec.headSize();
        }

        /// Copies the scaled queries into consecutive rows.
        void gatherQueries(Kernels kernels, float[] to) {
            int size = spec.headSize();
            for (int row = 0; row < rows(); row++) {
                System.arraycopy(qkv.array(), qkv.offset() + query(row), to, row * size, size);
            }
            kernels.scale(spec.scale(), to, 0, rows() * size);
        }
    }

    /// One past the last key of the tile that begins at `from`.
    static int tileEnd(int from, int endKey) {
        return Math.min(endKey, (from / KEYS + 1) * KEYS);
    }
}
