package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;

/// A block of [AttentionTiles]: consecutive queries of one sequence, for the query heads of one key head.
///
/// Each worker keeps one and moves it from block to block, so that a step allocates none.
final class AttentionBlock {
    private static final AttentionTiles NONE = none();

    private AttentionTiles tiles = NONE;
    private int sequence;
    private int kvHead;
    private int from;
    private int count;
    private int past;
    private int length;
    private int size;

    private AttentionBlock() {}

    /// The one of the worker that owns `scratch`. It is to be given up with [#leave()].
    static AttentionBlock of(Scratch scratch) {
        return scratch.kept(AttentionBlock.class, AttentionBlock::new);
    }

    private static AttentionTiles none() {
        Tensor nothing = Tensor.zeros(Shape.of(0, 3));
        AttentionSpec spec = AttentionSpec.causal(1, 1, 1);
        Sequences sequences = new Sequences(new int[1]);
        return new AttentionTiles(spec, sequences, nothing, new FusedKeyValues(nothing, spec, sequences));
    }

    /// Moves to the block of the given number.
    AttentionBlock at(AttentionTiles tiles, int index) {
        int found = tiles.sequence(index);
        int inSequence = index - tiles.firstBlock(found);
        int perHead = tiles.blocksPerHead(found);
        return at(tiles, found, inSequence / perHead, inSequence % perHead);
    }

    /// Moves to a block of the given key head of a sequence.
    AttentionBlock at(AttentionTiles tiles, int sequence, int kvHead, int index) {
        this.tiles = tiles;
        this.sequence = sequence;
        this.kvHead = kvHead;
        from = index * tiles.positions();
        count = Math.min(tiles.positions(), tiles.sequences.length(sequence) - from);
        length = tiles.source.length(sequence);
        past = length - tiles.sequences.length(sequence);
        size = tiles.spec.headSize();
        return this;
    }

    /// Lets go of the tensors.
    void leave() {
        tiles = NONE;
    }

    int sequence() {
        return sequence;
    }

    int rows() {
        return count * tiles.spec.group();
    }

    private int token(int row) {
        return tiles.sequences.start(sequence) + from + row % count;
    }

    private int head(int row) {
        return kvHead * tiles.spec.group() + row / count;
    }

    /// Where a row's query lies in the fused rows, relative to their first element.
    int query(int row) {
        return token(row) * tiles.spec.fusedWidth() + head(row) * size;
    }

    /// Where a row's output lies, relative to the first element of all outputs.
    int output(int row) {
        return token(row) * tiles.spec.queryWidth() + head(row) * size;
    }

    /// Where a row's normaliser lies.
    int normalizer(int row) {
        return token(row) * tiles.spec.heads() + head(row);
    }

    /// The first key that any of the queries sees.
    int firstKey() {
        return tiles.first(past + from);
    }

    /// One past the last key that any of the queries sees.
    int endKey() {
        return tiles.end(past + from + count - 1, length);
    }

    /// The first key of the tile `[tile, tileEnd)` that a row sees; `tileEnd` where it sees none.
    int firstKey(int row, int tile, int tileEnd) {
        return Math.clamp(tiles.first(past + from + row % count), tile, tileEnd);
    }

    /// One past the last key of the tile that a row sees.
    int endKey(int row, int tile, int tileEnd) {
        return Math.clamp(tiles.end(past + from + row % count, length), tile, tileEnd);
    }

    int key(int position) {
        return tiles.source.keysOffset(sequence) + position * tiles.source.rowStride() + kvHead * size;
    }

    int value(int position) {
        return tiles.source.valuesOffset(sequence) + position * tiles.source.rowStride() + kvHead * size;
    }

    /// Copies the scaled queries into consecutive rows.
    void gatherQueries(Kernels kernels, float[] to) {
        Tensor qkv = tiles.qkv();
        for (int row = 0; row < rows(); row++) {
            System.arraycopy(qkv.array(), qkv.offset() + query(row), to, row * size, size);
        }
        kernels.scale(tiles.spec.scale(), to, 0, rows() * size);
    }
}
