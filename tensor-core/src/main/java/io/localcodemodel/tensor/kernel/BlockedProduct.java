package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// A matrix product by the method of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"):
/// a panel of B, some of the inner extent by some columns, is packed and shared by all workers; against it each worker
/// multiplies blocks of rows of A; a block is done tile by tile.
final class BlockedProduct implements Workers.Block {
    /// Below this many multiply-adds, or elements to pack, a second worker costs more than it saves.
    private static final int ALONE = 1 << 17;
    private static final int PACKED_ALONE = 1 << 13;

    /// Rows are cut into blocks of whole units: two tiles.
    static final int UNIT = 2 * Tiles.ROWS;
    /// Rows are shared where there are at least this many units of them for each worker, columns where there are fewer.
    private static final int LEAST_UNITS = 4;

    private final Operands x;
    private final ProductPanel panel;
    private final BlockSizes sizes = BlockSizes.CURRENT;
    private boolean packing;

    // The blocks of one panel, in units of rows and strips; they are numbered along a row of blocks first.
    private final GuidedCuts rowCuts = new GuidedCuts();
    private final GuidedCuts columnCuts = new GuidedCuts();

    BlockedProduct(Operands x) {
        this.x = x;
        panel = new ProductPanel(x);
    }

    /// Computes the product.
    ///
    /// @param workers who shares the work, or null for the calling worker alone
    /// @param scratch memory of the caller
    void run(@Nullable Workers workers, Scratch scratch) {
        Workers sharing = (long) x.m * x.n * x.k < ALONE ? null : workers;
        int inner = BlockSizes.even(x.k, sizes.inner(), Lanes.FLOATS.length());
        int columns = BlockSizes.even(x.n, sizes.columns(inner), Tiles.COLUMNS);
        boolean keeps = panel.isPacked() && panel.keptElements() <= Integer.MAX_VALUE - Long.SIZE;
        Panels kept = keeps ? x.panels : null;
        boolean packed = !panel.isPacked() || (kept != null && kept.holds(x.layout, x.n, x.k));
        if (kept != null && !packed) {
            kept.open((int) panel.keptElements());
        }
        for (panel.column = 0; panel.column < x.n; panel.column += columns) {
            panel.columns = Math.min(columns, x.n - panel.column);
            cutIntoBlocks(sharing == null ? 1 : sharing.count());
            panel.innerAt = 0;
            do {
                panel.innerLength = Math.min(inner, x.k - panel.innerAt);
                panel.choose(kept, scratch);
                if (!packed) {
                    pack(sharing, scratch);
                }
                runAll(sharing, scratch, rowCuts.count() * columnCuts.count());
                panel.innerAt += panel.innerLength;
            } while (panel.innerAt < x.k);
        }
        panel.clear();
        if (kept != null) {
            kept.close(x.layout, x.n, x.k);
        }
    }

    private void runAll(@Nullable Workers workers, Scratch scratch, int blocks) {
        if (workers != null) {
            workers.run(blocks, this);
        } else {
            for (int i = 0; i < blocks; i++) {
                run(i, scratch);
            }
        }
    }

    /// A worker takes as many rows of A at a time as stay in its cache. Several share the rows; where there are too few
    /// rows for that, the columns.
    private void cutIntoBlocks(int workers) {
        int units = Math.ceilDiv(x.m, UNIT);
        int strips = Math.ceilDiv(panel.columns, Tiles.COLUMNS);
        int most = Math.max(LEAST_UNITS, sizes.rows() / UNIT);
        boolean byRows = units >= LEAST_UNITS * workers;
        rowCuts.cut(units, most, byRows ? workers : 1);
        columnCuts.cut(strips, strips, byRows ? 1 : workers);
    }

    private void pack(@Nullable Workers workers, Scratch scratch) {
        packing = true;
        try {
            runAll(panel.elements() < PACKED_ALONE ? null : workers, scratch, panel.tasks());
        } finally {
            packing = false;
        }
    }

    @Override
    public void run(int index, Scratch scratch) {
        if (packing) {
            panel.pack(index, scratch);
            return;
        }
        int rowBlock = index / columnCuts.count();
        int row = rowCuts.start(rowBlock) * UNIT;
        int rows = Math.min(x.m, rowCuts.end(rowBlock) * UNIT) - row;
        int columnBlock = index % columnCuts.count();
        int column = columnCuts.start(columnBlock) * Tiles.COLUMNS;
        int columns = Math.min(panel.columns, columnCuts.end(columnBlock) * Tiles.COLUMNS) - column;
        RowBlock.of(scratch).multiply(x, panel, row, rows, column, columns, scratch);
    }
}
