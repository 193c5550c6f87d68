package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Scratch;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.Arrays;

/// How operations cut their work into blocks: by the shape alone, so that results do not depend on the workers.
final class Blocks {
    /// Elements per block of rows: 64 KiB of floats, long enough to hide the cost of handing a block out.
    private static final int ELEMENTS = 1 << 14;

    /// Elements that an elementwise operation does at a time: what it reads and writes stays in a first-level cache.
    private static final int SPAN = 1 << 11;

    /// Columns per block of a sum over rows.
    static final int COLUMNS = 64;

    private Blocks() {}

    /// Part of the rows of a matrix.
    @FunctionalInterface
    interface Rows {
        /// Computes the rows `from` (inclusive) to `to` (exclusive).
        void run(int from, int to, Scratch scratch);
    }

    /// How many rows of the given width form a block.
    static int rowsPerBlock(int columns) {
        return Math.max(1, ELEMENTS / Math.max(1, columns));
    }

    /// How many blocks so many rows are.
    static int count(int rows, int columns) {
        return Math.ceilDiv(rows, rowsPerBlock(columns));
    }

    /// Runs `body` over all rows, block by block.
    static void overRows(Workers workers, int rows, int columns, Rows body) {
        int perBlock = rowsPerBlock(columns);
        workers.run(Math.ceilDiv(rows, perBlock), (block, scratch) -> {
            int from = block * perBlock;
            body.run(from, Math.min(rows, from + perBlock), scratch);
        });
    }

    /// Runs `body` over all elements, span by span.
    static void overElements(Workers workers, int elements, Rows body) {
        overRows(workers, elements, 1, (from, to, scratch) -> {
            for (int at = from; at < to; at += SPAN) {
                body.run(at, Math.min(to, at + SPAN), scratch);
            }
        });
    }

    /// Adds the sum over the rows of a matrix to a vector: `sum[j] += Σ_i matrix[i, j]`, each column in row order.
    static void addRowSums(Pass pass, Tensor matrix, int rows, int columns, Tensor sum, boolean accumulate) {
        pass.workers().run(Math.ceilDiv(columns, COLUMNS), (block, scratch) -> {
            int first = block * COLUMNS;
            int length = Math.min(COLUMNS, columns - first);
            float[] from = matrix.array();
            float[] to = sum.array();
            int at = sum.offset() + first;
            if (!accumulate) {
                Arrays.fill(to, at, at + length, 0);
            }
            for (int row = 0; row < rows; row++) {
                pass.kernels().axpy(1, from, matrix.offset() + row * columns + first, to, at, length);
            }
        });
    }
}
