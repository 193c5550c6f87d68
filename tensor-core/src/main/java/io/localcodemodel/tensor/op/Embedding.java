package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import org.jspecify.annotations.Nullable;

/// Rows of a table by number: `y[t] = table[ids[t]]`, and with learned positions `+ positionTable[positions[t]]`.
///
/// `dTable[id] += Σ over t with ids[t] = id of dY[t]`, added in the order of the tokens.
public final class Embedding {
    private Embedding() {}

    /// The table's rows of the given numbers.
    ///
    /// @param table `[vocabulary, width]`
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
            Shapes.require("embedding", "positionTable", positionTable, Shape.of(rows, width));
            Shapes.requireRows("embedding", "position", positions, rows);
        }
        Var y = pass.output(Shape.of(ids.length, width), table, positionTable);
        Work work = Work.elementwise(
                "embedding", (positionTable == null ? 2L : 3L) * y.value().size());
        Tensor added = positionTable == null ? null : positionTable.value();
        pass.run(work, () -> forward(pass, table.value(), ids, added, positions, y.value()));
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
            Pass pass, Tensor table, int[] ids, @Nullable Tensor positionTable, int[] positions, Tensor y) {
        int width = y.shape().columns();
        Blocks.overRows(pass.workers(), ids.length, width, (from, to, scratch) -> {
            for (int t = from; t < to; t++) {
                int row = table.offset() + ids[t] * width;
                int out = y.offset() + t * width;
                if (positionTable == null) {
                    System.arraycopy(table.array(), row, y.array(), out, width);
                } else {
                    int position = positionTable.offset() + positions[t] * width;
                    pass.kernels().add(table.array(), row, positionTable.array(), position, y.array(), out, width);
                }
            }
        });
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
