package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// A matrix product by the method of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"):
/// a panel of B, some of the inner extent by some columns, is packed and shared by all workers; against it each worker
/// multiplies blocks of rows of A, which it packs for itself; a block is done tile by tile.
///
/// An object holds the state of one product at a time and is used again for the next, so that a product allocates nothing.
final class BlockedProduct implements Workers.Block {
    private static final int PANEL_SLOT = 0;
    private static final int ROWS_SLOT = 1;
    private static final int TILE_SLOT = 2;
    /// How many strips of B a worker packs at a time.
    private static final int STRIPS_PER_TASK = 2;
    private static final int TILE = Tiles.ROWS * Tiles.COLUMNS;

    private Layout layout = Layout.NN;
    private int m;
    private int n;
    private int k;
    private float[] a = Tiles.ZEROS;
    private int aOffset;
    private int aStride;
    private float[] b = Tiles.ZEROS;
    private int bOffset;
    private int bStride;
    private float[] c = Tiles.ZEROS;
    private int cOffset;
    private int cStride;
    private Epilogue epilogue = Epilogue.ASSIGN;
    private boolean accumulate;
    private boolean residualIsResult;

    // The panel of B that is being multiplied with.
    private int panelColumn;
    private int panelColumns;
    private int innerAt;
    private int innerLength;
    private float[] panel = Tiles.ZEROS;
    private int panelAt;
    private int panelStep;
    private int stripStep;
    private boolean packing;

    // How the blocks of one panel are numbered.
    private int rowsPerBlock;
    private int columnsPerBlock;
    private int columnBlocks;

    /// The product that the owner of `scratch` computes.
    static BlockedProduct of(Scratch scratch) {
        return scratch.kept(BlockedProduct.class, BlockedProduct::new);
    }

    @SuppressWarnings("ReferenceEquality") // whether the residual is the very span that is written
    BlockedProduct set(
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        this.layout = layout;
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.aOffset = aOffset;
        this.aStride = aStride;
        this.b = b;
        this.bOffset = bOffset;
        this.bStride = bStride;
        this.c = c;
        this.cOffset = cOffset;
        this.cStride = cStride;
        this.epilogue = epilogue;
        residualIsResult = epilogue.residual() == c && epilogue.residualOffset() == cOffset;
        accumulate = epilogue.accumulate() || residualIsResult;
        return this;
    }

    /// Computes the product.
    ///
    /// @param workers who shares the work, or null for the calling worker alone
    /// @param scratch memory of the caller
    void run(@Nullable Workers workers, Scratch scratch) {
        int most = BlockSizes.CURRENT.inner();
        int inner = BlockSizes.even(k, most, Lanes.FLOATS.length());
        int columns = BlockSizes.even(n, BlockSizes.CURRENT.columns(), Tiles.COLUMNS);
        int count = workers == null ? 1 : workers.count();
        for (panelColumn = 0; panelColumn < n; panelColumn += columns) {
            panelColumns = Math.min(columns, n - panelColumn);
            cutIntoBlocks(count);
            innerAt = 0;
            do {
                innerLength = Math.min(inner, k - innerAt);
                choosePanel(scratch);
                if (packing) {
                    runAll(workers, scratch, Math.ceilDiv(panelColumns, STRIPS_PER_TASK * Tiles.COLUMNS));
                    packing = false;
                }
                runAll(workers, scratch, Math.ceilDiv(m, rowsPerBlock) * columnBlocks);
                innerAt += innerLength;
            } while (innerAt < k);
        }
        release();
    }

    /// Lets go of the caller's arrays.
    private void release() {
        a = Tiles.ZEROS;
        b = Tiles.ZEROS;
        c = Tiles.ZEROS;
        panel = Tiles.ZEROS;
        epilogue = Epilogue.ASSIGN;
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

    private void cutIntoBlocks(int workers) {
        int wanted = workers == 1 ? 1 : 4 * workers;
        int rows = Math.min(BlockSizes.CURRENT.rows(), Math.ceilDiv(m, wanted));
        rowsPerBlock = BlockSizes.even(m, Math.max(rows, 4 * Tiles.ROWS), Tiles.ROWS);
        int rowBlocks = Math.ceilDiv(m, rowsPerBlock);
        columnBlocks = Math.clamp(wanted / rowBlocks, 1, Math.ceilDiv(panelColumns, 2 * Tiles.COLUMNS));
        columnsPerBlock = BlockSizes.even(panelColumns, Math.ceilDiv(panelColumns, columnBlocks), Tiles.COLUMNS);
        columnBlocks = Math.ceilDiv(panelColumns, columnsPerBlock);
    }

    private void choosePanel(Scratch scratch) {
        int strips = Math.ceilDiv(panelColumns, Tiles.COLUMNS);
        panel = scratch.floats(PANEL_SLOT, strips * Tiles.COLUMNS * innerLength + FIRST + Packing.OVERRUN);
        panelAt = FIRST;
        panelStep = Tiles.COLUMNS;
        stripStep = Tiles.COLUMNS * innerLength;
        packing = true;
    }

    /// With the usual array header of 16 bytes, the first element on a 64-byte boundary where the array is.
    private static final int FIRST = 12;

    @Override
    public void run(int index, Scratch scratch) {
        if (packing) {
            packPanel(index);
        } else {
            multiplyBlock(index, scratch);
        }
    }

    private void packPanel(int task) {
        int end = Math.min((task + 1) * STRIPS_PER_TASK * Tiles.COLUMNS, panelColumns);
        for (int column = task * STRIPS_PER_TASK * Tiles.COLUMNS; column < end; column += Tiles.COLUMNS) {
            int to = panelAt + column / Tiles.COLUMNS * stripStep;
            int columns = Math.min(Tiles.COLUMNS, panelColumns - column);
            int first = panelColumn + column;
            if (layout == Layout.NT) {
                Packing.transposed(
                        b,
                        bOffset + first * bStride + innerAt,
                        bStride,
                        columns,
                        innerLength,
                        panel,
                        to,
                        Tiles.COLUMNS);
            } else {
                Packing.straight(
                        b,
                        bOffset + innerAt * bStride + first,
                        bStride,
                        columns,
                        innerLength,
                        panel,
                        to,
                        Tiles.COLUMNS);
            }
        }
    }

    private void multiplyBlock(int block, Scratch scratch) {
        int firstRow = block / columnBlocks * rowsPerBlock;
        int rows = Math.min(rowsPerBlock, m - firstRow);
        int firstColumn = block % columnBlocks * columnsPerBlock;
        int columns = Math.min(columnsPerBlock, panelColumns - firstColumn);
        float[] packed = scratch.floats(ROWS_SLOT, (rows + Tiles.ROWS) * innerLength + FIRST + Packing.OVERRUN);
        packRows(firstRow, rows, packed);
        float[] tile = scratch.floats(TILE_SLOT, TILE);
        for (int column = firstColumn; column < firstColumn + columns; column += Tiles.COLUMNS) {
            multiplyStrip(firstRow, rows, column, packed, tile);
        }
        if (innerAt + innerLength == k) {
            finish(firstRow, rows, panelColumn + firstColumn, columns);
        }
    }

    private void packRows(int firstRow, int rows, float[] packed) {
        int to = FIRST;
        for (int row = 0; row < rows; row += Tiles.ROWS) {
            int count = Math.min(Tiles.ROWS, rows - row);
            int width = Tiles.tileRows(count);
            int first = firstRow + row;
            if (layout == Layout.TN) {
                Packing.straight(
                        a, aOffset + innerAt * aStride + first, aStride, count, innerLength, packed, to, width);
            } else {
                Packing.transposed(
                        a, aOffset + first * aStride + innerAt, aStride, count, innerLength, packed, to, width);
            }
            to += width * innerLength;
        }
    }

    private void multiplyStrip(int firstRow, int rows, int column, float[] packed, float[] tile) {
        boolean zero = innerAt == 0 && !accumulate;
        int bAt = panelAt + column / Tiles.COLUMNS * stripStep;
        int columns = Math.min(Tiles.COLUMNS, panelColumns - column);
        int aAt = FIRST;
        for (int row = 0; row < rows; row += Tiles.ROWS) {
            int count = Math.min(Tiles.ROWS, rows - row);
            int height = Tiles.tileRows(count);
            int cAt = cOffset + (firstRow + row) * cStride + panelColumn + column;
            if (count == height && columns == Tiles.COLUMNS) {
                Tiles.run(
                        height,
                        innerLength,
                        packed,
                        aAt,
                        height,
                        panel,
                        bAt,
                        panelStep,
                        zero ? Tiles.ZEROS : c,
                        zero ? 0 : cAt,
                        zero ? 0 : cStride,
                        c,
                        cAt,
                        cStride);
            } else {
                multiplyEdge(count, height, columns, packed, aAt, bAt, cAt, zero, tile);
            }
            aAt += height * innerLength;
        }
    }

    /// A tile of which only some rows and columns lie in C: done in memory of its own and copied.
    private void multiplyEdge(
            int rows, int height, int columns, float[] packed, int aAt, int bAt, int cAt, boolean zero, float[] tile) {
        if (!zero) {
            for (int r = 0; r < rows; r++) {
                System.arraycopy(c, cAt + r * cStride, tile, r * Tiles.COLUMNS, columns);
            }
        }
        Tiles.run(
                height,
                innerLength,
                packed,
                aAt,
                height,
                panel,
                bAt,
                panelStep,
                zero ? Tiles.ZEROS : tile,
                0,
                zero ? 0 : Tiles.COLUMNS,
                tile,
                0,
                Tiles.COLUMNS);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * Tiles.COLUMNS, c, cAt + r * cStride, columns);
        }
    }

    private void finish(int firstRow, int rows, int firstColumn, int columns) {
        float[] bias = epilogue.bias();
        float[] residual = residualIsResult ? null : epilogue.residual();
        if (bias == null && residual == null) {
            return;
        }
        for (int row = firstRow; row < firstRow + rows; row++) {
            int at = cOffset + row * cStride + firstColumn;
            if (bias != null) {
                add(bias, epilogue.biasOffset() + firstColumn, at, columns);
            }
            if (residual != null) {
                add(residual, epilogue.residualOffset() + row * epilogue.residualStride() + firstColumn, at, columns);
            }
        }
    }

    private void add(float[] x, int xAt, int at, int length) {
        for (int i = 0; i < length; i++) {
            c[at + i] += x[xAt + i];
        }
    }
}
