package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;

/// The backward half of [Attention] (Dao 2023, FlashAttention-2, algorithm 2): a tile's probabilities come back from its
/// scores and the row's normaliser, `P = e^(S - normaliser)`.
///
/// With `D = Σ dO∘O` over a row: `dV += Pᵀ·dO`, `dS = P∘(dO·Vᵀ - D)`, `dQ += scale·dS·K`, `dK += scale·dSᵀ·Q`. One key head
/// of one sequence is one unit of work and adds up its blocks of queries in order, so the sums do not depend on the
/// workers.
record AttentionBackward(
        Kernels kernels,
        AttentionTiles tiles,
        Tensor y,
        Tensor normalizers,
        Tensor dY,
        Tensor dQkv,
        boolean accumulate) {
    private static final int QUERIES = Scratch.FIRST_FREE;
    private static final int PROBABILITIES = Scratch.FIRST_FREE + 1;
    private static final int D_SCORES = Scratch.FIRST_FREE + 2;
    private static final int D_OUTPUTS = Scratch.FIRST_FREE + 3;
    private static final int D_QUERIES = Scratch.FIRST_FREE + 4;
    /// For each row `D`.
    private static final int INNER = Scratch.FIRST_FREE + 5;

    void keyHead(int sequence, int kvHead, Scratch scratch) {
        AttentionBlock block = AttentionBlock.of(scratch);
        for (int i = 0; i < tiles.blocksPerHead(sequence); i++) {
            block.at(tiles, sequence, kvHead, i);
            if (i == 0 && !accumulate) {
                clear(block);
            }
            queries(block, scratch);
        }
        block.leave();
    }

    /// Sets the gradients of the keys and values of one head to zero.
    private void clear(AttentionBlock block) {
        int size = tiles.spec.headSize();
        int shift = dQkv.offset() - tiles.qkv().offset();
        for (int position = 0; position < tiles.sequences.length(block.sequence()); position++) {
            int key = block.key(position) + shift;
            int value = block.value(position) + shift;
            Arrays.fill(dQkv.array(), key, key + size, 0);
            Arrays.fill(dQkv.array(), value, value + size, 0);
        }
    }

    private void queries(AttentionBlock block, Scratch scratch) {
        int size = tiles.spec.headSize();
        int rows = block.rows();
        float[] queries = scratch.floats(QUERIES, rows * size);
        float[] dOutputs = scratch.floats(D_OUTPUTS, rows * size);
        float[] dQueries = scratch.floats(D_QUERIES, rows * size);
        float[] inner = scratch.floats(INNER, rows);
        block.gatherQueries(kernels, queries);
        for (int row = 0; row < rows; row++) {
            int out = block.output(row);
            System.arraycopy(dY.array(), dY.offset() + out, dOutputs, row * size, size);
            inner[row] = kernels.dot(dOutputs, row * size, y.array(), y.offset() + out, size);
        }
        int first = block.firstKey();
        int end = block.endKey();
        for (int from = first; from < end; ) {
            int to = AttentionTiles.tileEnd(from, end);
            tile(block, from, to, from > first, scratch);
            from = to;
        }
        for (int row = 0; row < rows; row++) {
            int query = dQkv.offset() + block.query(row);
            if (!accumulate) {
                Arrays.fill(dQkv.array(), query, query + size, 0);
            }
            kernels.axpy(tiles.spec.scale(), dQueries, row * size, dQkv.array(), query, size);
        }
    }

    private void tile(AttentionBlock block, int from, int to, boolean later, Scratch scratch) {
        int size = tiles.spec.headSize();
        int rows = block.rows();
        int keys = AttentionTiles.KEYS;
        int stride = tiles.source.rowStride();
        float[] in = tiles.source.keys(block.sequence());
        float[] queries = scratch.floats(QUERIES, rows * size);
        float[] dOutputs = scratch.floats(D_OUTPUTS, rows * size);
        float[] dQueries = scratch.floats(D_QUERIES, rows * size);
        float[] probabilities = scratch.floats(PROBABILITIES, rows * keys);
        float[] dScores = scratch.floats(D_SCORES, rows * keys);
        int key = block.key(from);
        int value = block.value(from);
        int dKey = key - tiles.qkv().offset() + dQkv.offset();
        int dValue = value - tiles.qkv().offset() + dQkv.offset();
        kernels.matmul(
                scratch,
                Layout.NT,
                rows,
                to - from,
                size,
                queries,
                0,
                size,
                in,
                key,
                stride,
                probabilities,
                0,
                keys,
                Epilogue.ASSIGN);
        kernels.matmul(
                scratch,
                Layout.NT,
                rows,
                to - from,
                size,
                dOutputs,
                0,
                size,
                in,
                value,
                stride,
                dScores,
                0,
                keys,
                Epilogue.ASSIGN);
        for (int row = 0; row < rows; row++) {
            differentiate(block, row, from, to, probabilities, dScores, scratch.floats(INNER, rows)[row]);
        }
        kernels.matmul(
                scratch,
                Layout.TN,
                to - from,
                size,
                rows,
                probabilities,
                0,
                keys,
                dOutputs,
                0,
                size,
                dQkv.array(),
                dValue,
                stride,
                Epilogue.ACCUMULATE);
        kernels.matmul(
                scratch,
                Layout.TN,
                to - from,
                size,
                rows,
                dScores,
                0,
                keys,
                queries,
                0,
                size,
                dQkv.array(),
                dKey,
                stride,
                Epilogue.ACCUMULATE);
        kernels.matmul(
                scratch,
                Layout.NN,
                rows,
                size,
                to - from,
                dScores,
                0,
                keys,
                in,
                key,
                stride,
                dQueries,
                0,
                size,
                Epilogue.accumulate(later));
    }

    /// Turns a row's scores into probabilities and its `dO·Vᵀ` into `dS`, both zero where the mask hides the key.
    private void differentiate(
            AttentionBlock block, int row, int tile, int tileEnd, float[] probabilities, float[] dScores, float inner) {
        int start = row * AttentionTiles.KEYS;
        int end = start + tileEnd - tile;
        int from = start + block.firstKey(row, tile, tileEnd) - tile;
        int to = Math.max(from, start + block.endKey(row, tile, tileEnd) - tile);
        float normalizer = normalizers.array()[normalizers.offset() + block.normalizer(row)];
        kernels.exponentials(probabilities, from, normalizer, probabilities, from, to - from);
        kernels.softmaxGradientSpan(probabilities, from, dScores, from, inner, dScores, from, to - from);
        Arrays.fill(probabilities, start, from, 0);
        Arrays.fill(probabilities, to, end, 0);
        Arrays.fill(dScores, start, from, 0);
        Arrays.fill(dScores, to, end, 0);
    }
}
