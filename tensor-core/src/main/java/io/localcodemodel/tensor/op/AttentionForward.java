package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The forward half of [Attention]: the softmax over a row is built up tile by tile (Milakov and Gimelshein 2018, "Online
/// normalizer calculation for softmax"; Dao et al. 2022, FlashAttention).
///
/// With the maximum `m`, the sum `l` and the output `o` of the tiles so far, a tile with scores `s` makes
/// `m' = max(m, max s)`, `l' = l·e^(m-m') + Σ e^(s-m')`, `o' = o·e^(m-m') + e^(s-m')·V`; at the end `y = o/l`.
///
/// @param normalizers receives `m + log l` of each token and head for the way back, or null
record AttentionForward(
        Kernels kernels,
        AttentionTiles tiles,
        Tensor y,
        @Nullable Tensor normalizers) {
    private static final int QUERIES = Scratch.FIRST_FREE;
    private static final int SCORES = Scratch.FIRST_FREE + 1;
    private static final int OUTPUTS = Scratch.FIRST_FREE + 2;
    /// For each row the maximum and then, for each row, the sum.
    private static final int STATISTICS = Scratch.FIRST_FREE + 3;

    void block(int index, Scratch scratch) {
        AttentionBlock block = AttentionBlock.of(scratch).at(tiles, index);
        int rows = block.rows();
        int size = tiles.spec.headSize();
        float[] queries = scratch.floats(QUERIES, rows * size);
        float[] scores = scratch.floats(SCORES, rows * AttentionTiles.KEYS);
        float[] outputs = scratch.floats(OUTPUTS, rows * size);
        float[] statistics = scratch.floats(STATISTICS, 2 * rows);
        block.gatherQueries(kernels, queries);
        Arrays.fill(statistics, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(statistics, rows, 2 * rows, 0);
        float[] keys = tiles.source.keys(block.sequence());
        float[] values = tiles.source.values(block.sequence());
        int stride = tiles.source.rowStride();
        int first = block.firstKey();
        int end = block.endKey();
        for (int from = first; from < end; ) {
            int to = AttentionTiles.tileEnd(from, end);
            kernels.matmul(
                    scratch,
                    Layout.NT,
                    rows,
                    to - from,
                    size,
                    queries,
                    0,
                    size,
                    keys,
                    block.key(from),
                    stride,
                    scores,
                    0,
                    AttentionTiles.KEYS,
                    Epilogue.ASSIGN);
            for (int row = 0; row < rows; row++) {
                exponentiate(block, row, from, to, scores, outputs, statistics);
            }
            kernels.matmul(
                    scratch,
                    Layout.NN,
                    rows,
                    size,
                    to - from,
                    scores,
                    0,
                    AttentionTiles.KEYS,
                    values,
                    block.value(from),
                    stride,
                    outputs,
                    0,
                    size,
                    Epilogue.accumulate(from > first));
            from = to;
        }
        for (int row = 0; row < rows; row++) {
            finish(block, row, outputs, statistics);
        }
        block.leave();
    }

    /// Turns a row's scores of a tile into `e^(s - m')`, zero where the mask hides the key.
    private void exponentiate(
            AttentionBlock block, int row, int tile, int tileEnd, float[] scores, float[] outputs, float[] statistics) {
        int start = row * AttentionTiles.KEYS;
        int from = start + block.firstKey(row, tile, tileEnd) - tile;
        int to = start + block.endKey(row, tile, tileEnd) - tile;
        Arrays.fill(scores, start, from, 0);
        Arrays.fill(scores, Math.max(from, to), start + tileEnd - tile, 0);
        if (from >= to) {
            return;
        }
        int rows = block.rows();
        float before = statistics[row];
        float maximum = Math.max(before, kernels.maximum(scores, from, to - from));
        float sum = kernels.exponentials(scores, from, maximum, scores, from, to - from);
        if (before != Float.NEGATIVE_INFINITY && before != maximum) {
            float shrink = (float) Math.exp(before - maximum);
            statistics[rows + row] *= shrink;
            kernels.scale(shrink, outputs, row * tiles.spec.headSize(), tiles.spec.headSize());
        }
        statistics[row] = maximum;
        statistics[rows + row] += sum;
    }

    private void finish(AttentionBlock block, int row, float[] outputs, float[] statistics) {
        int size = tiles.spec.headSize();
        float sum = statistics[block.rows() + row];
        int out = y.offset() + block.output(row);
        System.arraycopy(outputs, row * size, y.array(), out, size);
        kernels.scale(1 / sum, y.array(), out, size);
        if (normalizers != null) {
            normalizers.array()[normalizers.offset() + block.normalizer(row)] = statistics[row] + (float) Math.log(sum);
        }
    }
}
