package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// A matrix product by the method of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"):
/// a panel of B, some of the inner extent by some columns, is packed and shared by all workers; against it each worker
/// multiplies blocks of rows of A, which it packs for itself; a block is done tile by tile.
///
/// Where few rows of A use B, and B is stored with the inner extent outermost (NN and TN), it is read where it lies
/// instead of being packed.
final class BlockedProduct implements Workers.Block {
    private static final int PANEL_SLOT = 0;
    private static final int ROWS_SLOT = 1;
    private static final int TILE_SLOT = 2;
    /// How many strips of B a worker packs at a time.
    private static final int STRIPS_PER_TASK = 2;
    /// With the usual array header of 16 bytes, the first element on a 64-byte boundary where the array is.
    private static final int FIRST = 12;
    /// Below this many multiply-adds, or elements to pack, a second worker costs more than it saves.
    private static final int ALONE = 1 << 17;
    private static final int PACKED_ALONE = 1 << 13;

    private final Operands x;
    private final BlockSizes sizes = BlockSizes.CURRENT;

    // The panel of B that is being multiplied with: columns from `panelColumn`, inner extent from `innerAt`.
    private int panelColumn;
    private int panelColumns;
    private int innerAt;
    private int innerLength;
    private boolean packing;
    private float[] panel = Tiles.ZEROS;
    private int panelAt;
    /// Elements from one inner index to the next.
    private int panelStep;
    /// Elements from one strip to the next.
    private int stripStep;

    // How the blocks of one panel are numbered: along a row of blocks first.
    private int rowsPerBlock;
    private int columnsPerBlock;
    private int columnBlocks;

    BlockedProduct(Operands x) {
        this.x = x;
    }

    /// Computes the product.
    ///
    /// @param workers who shares the work, or null for the calling worker alone
    /// @param scratch memory of the caller
    void run(@Nullable Workers workers, Scratch scratch) {
        Workers sharing = (long) x.m * x.n * x.k < ALONE ? null : workers;
        int inner = BlockSizes.even(x.k, sizes.inner(), Lanes.FLOATS.length());
        int columns = BlockSizes.even(x.n, sizes.columns(), Tiles.COLUMNS);
        for (panelColumn = 0; panelColumn < x.n; panelColumn += columns) {
            panelColumns = Math.min(columns, x.n - panelColumn);
            cutIntoBlocks(sharing == null ? 1 : sharing.count());
            innerAt = 0;
            do {
                innerLength = Math.min(inner, x.k - innerAt);
                if (readsInPlace()) {
                    lookAtB();
                } else {
                    packB(sharing, scratch);
                }
                runAll(sharing, scratch, Math.ceilDiv(x.m, rowsPerBlock) * columnBlocks);
                innerAt += innerLength;
            } while (innerAt < x.k);
        }
        panel = Tiles.ZEROS;
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

    /// A worker alone packs as many rows as stay in its cache; several get a few blocks each, so that none waits long.
    private void cutIntoBlocks(int workers) {
        int wanted = workers == 1 ? 1 : 4 * workers;
        int most = Math.max(4 * Tiles.ROWS, Math.min(sizes.rows(), Math.ceilDiv(x.m, wanted)));
        rowsPerBlock = BlockSizes.even(x.m, most, Tiles.ROWS);
        int rowBlocks = Math.ceilDiv(x.m, rowsPerBlock);
        int across = Math.clamp(wanted / rowBlocks, 1, Math.ceilDiv(panelColumns, 2 * Tiles.COLUMNS));
        columnsPerBlock = BlockSizes.even(panelColumns, Math.ceilDiv(panelColumns, across), Tiles.COLUMNS);
        columnBlocks = Math.ceilDiv(panelColumns, columnsPerBlock);
    }

    // ---------------------------------------------------------------- B

    /// Whether B is used too few times to be worth packing.
    private boolean readsInPlace() {
        return x.layout != Layout.NT && x.n % Tiles.COLUMNS == 0 && BlockSizes.leavesInPlace(x.m);
    }

    private void lookAtB() {
        panel = x.b;
        panelAt = x.bAt(innerAt, panelColumn);
        panelStep = x.bStride;
        stripStep = Tiles.COLUMNS;
    }

    private void packB(@Nullable Workers workers, Scratch scratch) {
        int strips = Math.ceilDiv(panelColumns, Tiles.COLUMNS);
        int elements = strips * Tiles.COLUMNS * innerLength;
        panel = scratch.floats(PANEL_SLOT, elements + FIRST + Packing.OVERRUN);
        panelAt = FIRST;
        panelStep = Tiles.COLUMNS;
        stripStep = Tiles.COLUMNS * innerLength;
        packing = true;
        try {
            runAll(elements < PACKED_ALONE ? null : workers, scratch, Math.ceilDiv(strips, STRIPS_PER_TASK));
        } finally {
            packing = false;
        }
    }

    @Override
    public void run(int index, Scratch scratch) {
        if (packing) {
            packStrips(index * STRIPS_PER_TASK * Tiles.COLUMNS);
        } else {
            multiplyBlock(index, scratch);
        }
    }

    private void packStrips(int firstColumn) {
        int end = Math.min(firstColumn + STRIPS_PER_TASK * Tiles.COLUMNS, panelColumns);
        for (int column = firstColumn; column < end; column += Tiles.COLUMNS) {
            int to = panelAt + column / Tiles.COLUMNS * stripStep;
            int columns = Math.min(Tiles.COLUMNS, panelColumns - column);
            int from = x.bAt(innerAt, panelColumn + column);
            if (x.layout == Layout.NT) {
                Packing.transposed(x.b, from, x.bStride, columns, innerLength, panel, to, Tiles.COLUMNS);
            } else {
                Packing.straight(x.b, from, x.bStride, columns, innerLength, panel, to, Tiles.COLUMNS);
            }
        }
    }

    // ---------------------------------------------------------------- blocks of C

    private void multiplyBlock(int block, Scratch scratch) {
        int firstRow = block / columnBlocks * rowsPerBlock;
        int rows = Math.min(rowsPerBlock, x.m - firstRow);
        int firstColumn = block % columnBlocks * columnsPerBlock;
        int columns = Math.min(columnsPerBlock, panelColumns - firstColumn);
        float[] packed = scratch.floats(ROWS_SLOT, (rows + Tiles.ROWS) * innerLength + FIRST + Packing.OVERRUN);
        packA(firstRow, rows, packed);
        float[] edge = scratch.floats(TILE_SLOT, Tiles.ROWS * Tiles.COLUMNS);
        for (int column = firstColumn; column < firstColumn + columns; column += Tiles.COLUMNS) {
            multiplyStrip(firstRow, rows, column, packed, edge);
        }
        if (innerAt + innerLength == x.k) {
            x.finish(firstRow, rows, panelColumn + firstColumn, columns);
        }
    }

    private void packA(int firstRow, int rows, float[] packed) {
        int to = FIRST;
        for (int row = 0; row < rows; row += Tiles.ROWS) {
            int count = Math.min(Tiles.ROWS, rows - row);
            int height = Tiles.tileRows(count);
            int from = x.aAt(firstRow + row, innerAt);
            if (x.layout == Layout.TN) {
                Packing.straight(x.a, from, x.aStride, count, innerLength, packed, to, height);
            } else {
                Packing.transposed(x.a, from, x.aStride, count, innerLength, packed, to, height);
            }
            to += height * innerLength;
        }
    }

    /// Multiplies a block of rows with one strip of B, which stays in the first-level cache meanwhile.
    private void multiplyStrip(int firstRow, int rows, int column, float[] packed, float[] edge) {
        int bAt = panelAt + column / Tiles.COLUMNS * stripStep;
        int columns = Math.min(Tiles.COLUMNS, panelColumns - column);
        int aAt = FIRST;
        for (int row = 0; row < rows; row += Tiles.ROWS) {
            int count = Math.min(Tiles.ROWS, rows - row);
            int height = Tiles.tileRows(count);
            int cAt = x.cAt(firstRow + row, panelColumn + column);
            if (count == height && columns == Tiles.COLUMNS) {
                multiplyTile(height, packed, aAt, bAt, x.c, cAt, x.cStride);
            } else {
                multiplyEdge(count, height, columns, packed, aAt, bAt, cAt, edge);
            }
            aAt += height * innerLength;
        }
    }

    private void multiplyTile(int height, float[] packed, int aAt, int bAt, float[] c, int cAt, int cStride) {
        boolean fromZero = innerAt == 0 && !x.accumulate;
        Tiles.run(
                height,
                innerLength,
                packed,
                aAt,
                height,
                panel,
                bAt,
                panelStep,
                fromZero ? Tiles.ZEROS : c,
                fromZero ? 0 : cAt,
                fromZero ? 0 : cStride,
                c,
                cAt,
                cStride);
    }

    /// A tile of which only some rows and columns lie in C: done in memory of its own, and copied.
    private void multiplyEdge(
            int rows, int height, int columns, float[] packed, int aAt, int bAt, int cAt, float[] edge) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(x.c, cAt + r * x.cStride, edge, r * Tiles.COLUMNS, columns);
        }
        multiplyTile(height, packed, aAt, bAt, edge, 0, Tiles.COLUMNS);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(edge, r * Tiles.COLUMNS, x.c, cAt + r * x.cStride, columns);
        }
    }
}
