package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.FloatStorage;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.StackedStorage;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.BfloatKernels;
import io.localcodemodel.tensor.kernel.Scratch;
import org.jspecify.annotations.Nullable;

/// Rows of a table by number: `y[t] = table[ids[t]]`, and with learned positions `+ positionTable[positions[t]]`.
///
/// `dTable[id] += Σ over t with ids[t] = id of dY[t]`, added in the order of the tokens.
public final class Embedding {
    private Embedding() {}

    /// The table's rows of the given numbers.
    ///
    /// @param table `[vocabulary, width]`; may be frozen in a block format
    /// @return `[ids.length, width]`
    public static Var apply(Pass pass, Var table, int[] ids) {
        return lookUp(pass, table, ids, null, ids);
    }

    /// The sum of a row for the token and one for its position.
    ///
    /// @param table `[vocabulary, width]`
    /// @param positionTable `[positions, width]`
    /// @param positions for each token, its row of `positionTable`
    public static Var apply(Pass pass, Var table, int[] ids, Var positionTable, int[] positions) {
        if (positions.length != ids.length) {
            throw new IllegalArgumentException(
                    "embedding: expected a position for each of " + ids.length + " tokens, found " + positions.length);
        }
        return lookUp(pass, table, ids, positionTable, positions);
    }

    private static Var lookUp(Pass pass, Var table, int[] ids, @Nullable Var positionTable, int[] positions) {
        Shapes.requireRank("embedding", "table", table, 2);
        int width = table.shape().dimension(1);
        Shapes.requireRows("embedding", "id", ids, table.shape().dimension(0));
        if (positionTable != null) {
            Shapes.requireRank("embedding", "positionTable", positionTable, 2);
            int rows = positionTable.shape().dimension(0);
            Shapes.requireMatrix("embedding", "positionTable", positionTable, rows, width);
            Shapes.requireRows("embedding", "position", positions, rows);
        }
        Var y = pass.output(Shape.of(ids.length, width), table, positionTable);
        Work work = Work.elementwise(
                "embedding", (positionTable == null ? 2L : 3L) * y.value().size());
        pass.run(work, () -> forward(pass, table, ids, positionTable, positions, y.value()));
        if (y.requiresGradient()) {
            pass.record(y, work, () -> {
                scatter(pass, y, table, ids);
                if (positionTable != null) {
                    scatter(pass, y, positionTable, positions);
                }
            });
        }
        return y;
    }

    private static void forward(
            Pass pass, Var table, int[] ids, @Nullable Var positionTable, int[] positions, Tensor y) {
        int width = y.shape().columns();
        Rows tokens = Rows.of(pass, table);
        Rows added = positionTable == null ? null : Rows.of(pass, positionTable);
        Blocks.overRows(pass.workers(), ids.length, width, (from, to, scratch) -> {
            float[] position = scratch.floats(Scratch.FIRST_FREE, width);
            for (int t = from; t < to; t++) {
                int out = y.offset() + t * width;
                tokens.copy(ids[t], y.array(), out);
                if (added != null) {
                    added.copy(positions[t], position, 0);
                    pass.kernels().add(y.array(), out, position, 0, y.array(), out, width);
                }
            }
        });
    }

    /// The rows of a table, however it is stored; those of a frozen table in blocks are decoded as they are asked for.
    ///
    /// @param stored its numbers, or the words of its pairs
    private record Rows(Pass pass, Tensor stored, boolean paired, int width) {
        static Rows of(Pass pass, Var table) {
            Tensor pairs = table.pairs();
            Tensor stored = pairs == null ? table.value() : pairs;
            return new Rows(pass, stored, pairs != null, table.shape().columns());
        }

        void copy(int row, float[] out, int outOffset) {
            if (paired) {
                BfloatKernels kernels = pass.kernels().bfloat();
                kernels.widen(stored.array(), stored.offset(), stored.size(), row * width, out, outOffset, width);
                return;
            }
            switch (stored.storage()) {
                case FloatStorage floats ->
                    System.arraycopy(floats.array(), floats.offset() + row * width, out, outOffset, width);
                case BlockStorage blocks -> decode(blocks, row, out, outOffset);
                case StackedStorage stacked -> {
                    int first = 0;
                    for (BlockStorage part : stacked.parts()) {
                        int rows = part.length() / width;
                        if (row >= first && row < first + rows) {
                            decode(part, row - first, out, outOffset);
                        }
                        first += rows;
                    }
                }
            }
        }

        private void decode(BlockStorage blocks, int row, float[] out, int outOffset) {
            long at = blocks.offset() + row * blocks.format().bytes(width);
            pass.kernels().blocks().decode(blocks.format(), blocks.segment(), at, out, outOffset, width);
        }
    }

    /// Blocks are ranges of columns: each adds all tokens in order, so no two blocks write to one place.
    private static void scatter(Pass pass, Var y, Var table, int[] rows) {
        if (!table.requiresGradient()) {
            return;
        }
        int width = y.shape().columns();
        Tensor dY = pass.gradientOf(y);
        Tensor dTable = pass.gradient(table);
        pass.workers().run(Math.ceilDiv(width, Blocks.COLUMNS), (block, scratch) -> {
            int first = block * Blocks.COLUMNS;
            int length = Math.min(Blocks.COLUMNS, width - first);
            for (int t = 0; t < rows.length; t++) {
                int from = dY.offset() + t * width + first;
                int to = dTable.offset() + rows[t] * width + first;
                pass.kernels().axpy(1, dY.array(), from, dTable.array(), to, length);
            }
        });
    }
}
