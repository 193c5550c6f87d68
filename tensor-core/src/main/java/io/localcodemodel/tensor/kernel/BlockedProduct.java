package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// A matrix product by the method of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"):
/// a panel of B, some of the inner extent by some columns, is packed and shared by all workers; against it each worker
/// multiplies blocks of rows of A; a block is done tile by tile.
///
/// Where A is small beside C, workers share columns of C instead, each with a panel of its own, and wait for each other
/// only once, at the end.
final class BlockedProduct implements Workers.Block {
    /// Below this many multiply-adds, or elements to pack, a second worker costs more than it saves.
    private static final int ALONE = 1 << 17;
    private static final int PACKED_ALONE = 1 << 13;

    /// The fewest blocks of the inner extent of a B that is so large that its words leave the second-level cache.
    private static final int LONG = 4;

    /// Rows are cut into blocks of whole units: two tiles.
    static final int UNIT = 2 * Tiles.ROWS;
    /// Rows are shared where there are at least this many units of them for each worker, columns where there are fewer.
    private static final int LEAST_UNITS = 4;

    /// A worker takes at most this many strips of columns at a time for a panel of its own.
    private static final int MOST_STRIPS = 8;
    /// How many strips there are then for each worker, so that the last one is soon done.
    private static final int STRIPS_EACH = 6;

    /// What the blocks are that workers run.
    private enum Task {
        PACK,
        MULTIPLY,
        COLUMNS
    }

    private Operands x;
    private final ProductPanel panel;
    private final BlockSizes sizes = BlockSizes.CURRENT;
    private Task task = Task.MULTIPLY;

    // The blocks of one panel, in units of rows and strips; they are numbered along a row of blocks first.
    private final GuidedCuts rowCuts = new GuidedCuts();
    private final GuidedCuts columnCuts = new GuidedCuts();

    private BlockedProduct() {
        this(new Operands());
    }

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
        boolean keeps = panel.isPacked() && panel.keptElements() <= Integer.MAX_VALUE - Long.SIZE;
        Panels kept = keeps ? x.panels : null;
        boolean packed = !panel.isPacked() || (kept != null && kept.holds(x.layout, x.n, x.k));
        if (sharing != null && kept == null && !packed && isWide(sharing.count())) {
            columnCuts.cut(Math.ceilDiv(x.n, Tiles.COLUMNS), MOST_STRIPS, sharing.count());
            runAll(Task.COLUMNS, sharing, scratch, columnCuts.count());
            return;
        }
        if (kept != null && !packed) {
            kept.open((int) panel.keptElements());
        }
        run(sharing, scratch, kept, packed, 0, x.n);
        if (kept != null) {
            kept.close(x.layout, x.n, x.k);
        }
    }

    /// Whether workers do better with columns of C each: A is read once for each part of the columns, and packed if it is
    /// stored transposed, so it has to be small, and B large.
    private boolean isWide(int workers) {
        return workers > 1
                && x.layout != Layout.TN
                && x.n >= x.m
                && x.k <= sizes.inner()
                && x.n >= STRIPS_EACH * workers * Tiles.COLUMNS;
    }

    private void run(
            @Nullable Workers workers, Scratch scratch, @Nullable Panels kept, boolean packed, int from, int to) {
        int halves = takesTurns() ? 2 : 1;
        int inner = BlockSizes.even(x.k / halves, sizes.inner(), Lanes.FLOATS.length());
        int blocks = halves * Math.max(1, Math.ceilDiv(x.k / halves, inner));
        int columns = BlockSizes.even(to - from, sizes.columns(inner), Tiles.COLUMNS);
        for (panel.column = from; panel.column < to; panel.column += columns) {
            panel.columns = Math.min(columns, to - panel.column);
            cutIntoBlocks(workers == null ? 1 : workers.count());
            for (int block = 0; block < blocks; block++) {
                takeInner(block, inner, halves);
                panel.choose(kept, scratch);
                if (!packed) {
                    Workers packers = panel.elements() < PACKED_ALONE ? null : workers;
                    runAll(Task.PACK, packers, scratch, panel.tasks());
                }
                runAll(Task.MULTIPLY, workers, scratch, rowCuts.count() * columnCuts.count());
            }
        }
        panel.clear();
    }

    /// Whether the two halves of the inner extent are taken block by block in turn. The rows `p` and `k/2 + p` of a B that
    /// is stored as pairs share their words, so that the second of them finds them in the third-level cache.
    private boolean takesTurns() {
        return x.pairWords > 0 && x.layout != Layout.NT && x.k >= LONG * sizes.inner();
    }

    /// Sets the inner extent of a block; the last one of a half ends with it.
    private void takeInner(int block, int inner, int halves) {
        int half = block % halves;
        int length = x.k / halves;
        int start = block / halves * inner;
        int end = half + 1 < halves ? length : x.k - half * length;
        panel.innerAt = half * length + start;
        panel.innerLength = start + inner < length ? inner : end - start;
    }

    private void runAll(Task task, @Nullable Workers workers, Scratch scratch, int blocks) {
        this.task = task;
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

    @Override
    public void run(int index, Scratch scratch) {
        switch (task) {
            case PACK -> panel.pack(index, scratch);
            case MULTIPLY -> multiply(index, scratch);
            case COLUMNS -> columns(index, scratch);
        }
    }

    private void multiply(int index, Scratch scratch) {
        int rowBlock = index / columnCuts.count();
        int row = rowCuts.start(rowBlock) * UNIT;
        int rows = Math.min(x.m, rowCuts.end(rowBlock) * UNIT) - row;
        int columnBlock = index % columnCuts.count();
        int column = columnCuts.start(columnBlock) * Tiles.COLUMNS;
        int columns = Math.min(panel.columns, columnCuts.end(columnBlock) * Tiles.COLUMNS) - column;
        RowBlock.of(scratch).multiply(x, panel, row, rows, column, columns, scratch);
    }

    private void columns(int index, Scratch scratch) {
        BlockedProduct alone = scratch.kept(BlockedProduct.class, BlockedProduct::new);
        alone.x = x;
        alone.panel.of(x);
        int from = columnCuts.start(index) * Tiles.COLUMNS;
        int to = Math.min(x.n, columnCuts.end(index) * Tiles.COLUMNS);
        alone.run(null, scratch, null, false, from, to);
    }
}
