package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// A matrix product by the method of Goto and van de Geijn (2008, "Anatomy of high-performance matrix multiplication"):
/// a panel of B, some of the inner extent by some columns, is packed and shared by all workers; against it each worker
/// multiplies blocks of rows of A, which it packs for itself; a block is done tile by tile.
///
/// Where few rows of A use B, and B is stored with the inner extent outermost (NN and TN), it is read where it lies
/// instead of being packed. So is A where few columns of B use it, as in attention.
final class BlockedProduct implements Workers.Block {
    private static final int PANEL_SLOT = 0;
    private static final int ROWS_SLOT = 1;
    private static final int TILE_SLOT = 2;
    /// How many strips of B a worker packs at a time.
    private static final int STRIPS_PER_TASK = 4;
    /// How many numbers of a B that is stored as pairs are widened at a time: 16 KiB of floats.
    private static final int WIDENED = 1 << 12;
    /// With the usual array header of 16 bytes, the first element on a 64-byte boundary where the array is.
    private static final int FIRST = 12;
    /// Below this many multiply-adds, or elements to pack, a second worker costs more than it saves.
    private static final int ALONE = 1 << 17;
    private static final int PACKED_ALONE = 1 << 13;

    /// Rows are shared where there are at least this many tiles of them for each worker, columns where there are fewer.
    private static final int LEAST_TILES = 4;

    /// Rows of A are packed where more strips of B than these use them.
    private static final int IN_PLACE_STRIPS = 8;
    /// A column of A stored transposed is spread over as many pages as it has elements: where the part that a panel needs
    /// is longer than this many elements, fewer strips are worth that.
    private static final int NEAR = 1 << 16;
    private static final int FAR_STRIPS = 2;

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

    // The blocks of one panel, in tiles and strips; they are numbered along a row of blocks first.
    private final GuidedCuts rowCuts = new GuidedCuts();
    private final GuidedCuts columnCuts = new GuidedCuts();

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
        Panels kept = readsBInPlace() || keptElements() > Integer.MAX_VALUE - Long.SIZE ? null : x.panels;
        boolean packed = kept != null && kept.holds(x.layout, x.n, x.k);
        if (kept != null && !packed) {
            kept.open((int) keptElements());
        }
        for (panelColumn = 0; panelColumn < x.n; panelColumn += columns) {
            panelColumns = Math.min(columns, x.n - panelColumn);
            cutIntoBlocks(sharing == null ? 1 : sharing.count());
            innerAt = 0;
            do {
                innerLength = Math.min(inner, x.k - innerAt);
                if (readsBInPlace()) {
                    lookAtB();
                } else {
                    choosePanel(kept, scratch);
                    if (!packed) {
                        packB(sharing, scratch);
                    }
                }
                runAll(sharing, scratch, rowCuts.count() * columnCuts.count());
                innerAt += innerLength;
            } while (innerAt < x.k);
        }
        panel = Tiles.ZEROS;
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

    /// A worker packs as many rows of A at a time as stay in its cache. Several share the rows; where there are too few
    /// rows for that, the columns.
    private void cutIntoBlocks(int workers) {
        int tiles = Math.ceilDiv(x.m, Tiles.ROWS);
        int strips = Math.ceilDiv(panelColumns, Tiles.COLUMNS);
        int most = Math.max(LEAST_TILES, sizes.rows() / Tiles.ROWS);
        boolean byRows = tiles >= LEAST_TILES * workers;
        rowCuts.cut(tiles, most, byRows ? workers : 1);
        columnCuts.cut(strips, strips, byRows ? 1 : workers);
    }

    // ---------------------------------------------------------------- B

    /// Whether B is used too few times to be worth packing.
    private boolean readsBInPlace() {
        return x.pairWords == 0 && x.layout != Layout.NT && x.n % Tiles.COLUMNS == 0 && BlockSizes.leavesInPlace(x.m);
    }

    private void lookAtB() {
        panel = x.b;
        panelAt = x.bAt(innerAt, panelColumn);
        panelStep = x.bStride;
        stripStep = Tiles.COLUMNS;
    }

    /// How many elements all of B takes when it is kept packed.
    private long keptElements() {
        return FIRST + (long) x.k * Tiles.COLUMNS * Math.ceilDiv(x.n, Tiles.COLUMNS);
    }

    /// Where the panel is: among those that are kept, in the order of the loops, or in memory of the worker.
    private void choosePanel(@Nullable Panels kept, Scratch scratch) {
        int width = Math.ceilDiv(panelColumns, Tiles.COLUMNS) * Tiles.COLUMNS;
        panelStep = Tiles.COLUMNS;
        stripStep = Tiles.COLUMNS * innerLength;
        if (kept == null) {
            panel = scratch.floats(PANEL_SLOT, width * innerLength + FIRST + Packing.OVERRUN);
            panelAt = FIRST;
        } else {
            panel = kept.values();
            panelAt = FIRST + panelColumn * x.k + width * innerAt;
        }
    }

    private void packB(@Nullable Workers workers, Scratch scratch) {
        int strips = Math.ceilDiv(panelColumns, Tiles.COLUMNS);
        int elements = strips * Tiles.COLUMNS * innerLength;
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
            packStrips(index * STRIPS_PER_TASK * Tiles.COLUMNS, scratch);
        } else {
            multiplyBlock(index, scratch);
        }
    }

    private void packStrips(int firstColumn, Scratch scratch) {
        int columns = Math.min(STRIPS_PER_TASK * Tiles.COLUMNS, panelColumns - firstColumn);
        int from = x.bAt(innerAt, panelColumn + firstColumn);
        int to = panelAt + firstColumn / Tiles.COLUMNS * stripStep;
        if (x.pairWords > 0) {
            packPairs(from - x.bOffset, columns, to, scratch);
        } else {
            packStrips(x.b, from, x.bStride, columns, to);
        }
    }

    private void packStrips(float[] b, int from, int stride, int columns, int to) {
        if (x.layout != Layout.NT) {
            packSideBySide(b, from, stride, columns, innerLength, panel, to, Tiles.COLUMNS);
            return;
        }
        for (int done = 0; done < columns; done += Tiles.COLUMNS) {
            int strip = Math.min(Tiles.COLUMNS, columns - done);
            int at = to + done / Tiles.COLUMNS * stripStep;
            Packing.transposed(b, from + done * stride, stride, strip, innerLength, panel, at, Tiles.COLUMNS);
        }
    }

    /// Packs strips of elements that lie side by side for each inner index, the last one perhaps not full.
    ///
    /// @param extent how many elements there are for each inner index
    /// @param inner how many inner indices are packed, from the first one of the panel that `toAt` belongs to
    private void packSideBySide(
            float[] from, int at, int stride, int extent, int inner, float[] to, int toAt, int width) {
        int whole = extent / width;
        int stripLength = width * innerLength;
        if (whole > 0) {
            Packing.straight(from, at, stride, whole, inner, to, toAt, stripLength, width);
        }
        int rest = extent - whole * width;
        if (rest > 0) {
            int height = width == Tiles.ROWS ? Tiles.tileRows(rest) : width;
            Packing.straightEdge(from, at + whole * width, stride, rest, inner, to, toAt + whole * stripLength, height);
        }
    }

    /// Packs strips of a B that is stored as pairs: widened to memory of the worker, a little at a time so that it stays
    /// in the first-level cache, and from there like any other.
    ///
    /// @param from the first number of the strips in B
    private void packPairs(int from, int columns, int to, Scratch scratch) {
        float[] wide = scratch.floats(ROWS_SLOT, Tiles.COLUMNS * innerLength + WIDENED + Packing.OVERRUN);
        if (x.layout == Layout.NT) {
            for (int done = 0; done < columns; done += Tiles.COLUMNS) {
                int strip = Math.min(Tiles.COLUMNS, columns - done);
                widen(from + done * x.bStride, strip, innerLength, wide);
                int at = to + done / Tiles.COLUMNS * stripStep;
                Packing.transposed(wide, 0, innerLength, strip, innerLength, panel, at, Tiles.COLUMNS);
            }
            return;
        }
        int atOnce = WIDENED / columns;
        for (int p = 0; p < innerLength; p += atOnce) {
            int inner = Math.min(atOnce, innerLength - p);
            widen(from + p * x.bStride, inner, columns, wide);
            packSideBySide(wide, 0, columns, columns, inner, panel, to + p * Tiles.COLUMNS, Tiles.COLUMNS);
        }
    }

    /// Widens `runs` runs of B, one below the other, from the number `from` on.
    private void widen(int from, int runs, int length, float[] to) {
        for (int i = 0; i < runs; i++) {
            VectorBfloat.INSTANCE.widen(x.b, x.bOffset, x.pairWords, from + i * x.bStride, to, i * length, length);
        }
    }

    // ---------------------------------------------------------------- blocks of C

    private void multiplyBlock(int block, Scratch scratch) {
        int rowBlock = block / columnCuts.count();
        int firstRow = rowCuts.start(rowBlock) * Tiles.ROWS;
        int rows = Math.min(x.m, rowCuts.end(rowBlock) * Tiles.ROWS) - firstRow;
        int columnBlock = block % columnCuts.count();
        int firstColumn = columnCuts.start(columnBlock) * Tiles.COLUMNS;
        int columns = Math.min(panelColumns, columnCuts.end(columnBlock) * Tiles.COLUMNS) - firstColumn;
        int inPlace = readsAInPlace() ? rows - rows % inPlaceHeight() : 0;
        int packedRows = rows - inPlace;
        float[] packed = scratch.floats(ROWS_SLOT, (packedRows + Tiles.ROWS) * innerLength + FIRST + Packing.OVERRUN);
        packA(firstRow + inPlace, packedRows, packed);
        float[] edge = scratch.floats(TILE_SLOT, Tiles.ROWS * Tiles.COLUMNS);
        for (int column = firstColumn; column < firstColumn + columns; column += Tiles.COLUMNS) {
            if (!startsAtZero()) {
                edge[0] = touchC(firstRow, rows, panelColumn + column);
            }
            multiplyInPlace(firstRow, inPlace, column, edge);
            multiplyStrip(firstRow + inPlace, packedRows, column, packed, edge);
        }
        if (innerAt + innerLength == x.k) {
            x.finish(firstRow, rows, panelColumn + firstColumn, columns);
        }
    }

    /// Reads an element of each cache line of a strip of C, so that the lines are on their way together: a tile that starts
    /// from C can do nothing before its own have come.
    /// The sum is there for the compiler, which would leave out what nobody uses.
    private float touchC(int firstRow, int rows, int column) {
        int last = Math.min(Tiles.COLUMNS, x.n - column) - 1;
        int half = Math.min(Tiles.COLUMNS / 2, last);
        float sum = 0;
        int at = x.cAt(firstRow, column);
        for (int row = 0; row < rows; row++) {
            sum += x.c[at] + x.c[at + half] + x.c[at + last];
            at += x.cStride;
        }
        return sum;
    }

    /// Whether A is used too few times to be worth packing.
    private boolean readsAInPlace() {
        int strips = Math.ceilDiv(x.n, Tiles.COLUMNS);
        if (x.layout == Layout.TN) {
            return strips <= ((long) innerLength * x.aStride <= NEAR ? IN_PLACE_STRIPS : FAR_STRIPS);
        }
        return strips <= IN_PLACE_STRIPS && panelStep == Tiles.COLUMNS;
    }

    /// The rows of the tile that reads A where it lies.
    private int inPlaceHeight() {
        return x.layout == Layout.TN ? Tiles.ROWS : RowTile.ROWS;
    }

    /// As [#multiplyStrip], with rows of A that are not packed: a whole number of tiles.
    private void multiplyInPlace(int firstRow, int rows, int column, float[] edge) {
        int bAt = panelAt + column / Tiles.COLUMNS * stripStep;
        int columns = Math.min(Tiles.COLUMNS, panelColumns - column);
        int height = inPlaceHeight();
        for (int row = firstRow; row < firstRow + rows; row += height) {
            int aAt = x.aAt(row, innerAt);
            int cAt = x.cAt(row, panelColumn + column);
            if (columns == Tiles.COLUMNS) {
                multiplyTileInPlace(aAt, bAt, x.c, cAt, x.cStride);
            } else {
                copy(height, columns, x.c, cAt, x.cStride, edge, 0, Tiles.COLUMNS);
                multiplyTileInPlace(aAt, bAt, edge, 0, Tiles.COLUMNS);
                copy(height, columns, edge, 0, Tiles.COLUMNS, x.c, cAt, x.cStride);
            }
        }
    }

    private void multiplyTileInPlace(int aAt, int bAt, float[] c, int cAt, int cStride) {
        if (x.layout == Layout.TN) {
            multiplyTile(Tiles.ROWS, x.a, aAt, x.aStride, bAt, c, cAt, cStride);
            return;
        }
        boolean fromZero = startsAtZero();
        float[] start = fromZero ? Tiles.ZEROS : c;
        int startAt = fromZero ? 0 : cAt;
        int startStride = fromZero ? 0 : cStride;
        RowTile.run(innerLength, x.a, aAt, x.aStride, panel, bAt, start, startAt, startStride, c, cAt, cStride);
    }

    private boolean startsAtZero() {
        return innerAt == 0 && !x.accumulate;
    }

    private void packA(int firstRow, int rows, float[] packed) {
        if (x.layout == Layout.TN) {
            packSideBySide(x.a, x.aAt(firstRow, innerAt), x.aStride, rows, innerLength, packed, FIRST, Tiles.ROWS);
            return;
        }
        int to = FIRST;
        for (int row = 0; row < rows; row += Tiles.ROWS) {
            int count = Math.min(Tiles.ROWS, rows - row);
            int height = Tiles.tileRows(count);
            int from = x.aAt(firstRow + row, innerAt);
            Packing.transposed(x.a, from, x.aStride, count, innerLength, packed, to, height);
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
                multiplyTile(height, packed, aAt, height, bAt, x.c, cAt, x.cStride);
            } else {
                copy(count, columns, x.c, cAt, x.cStride, edge, 0, Tiles.COLUMNS);
                multiplyTile(height, packed, aAt, height, bAt, edge, 0, Tiles.COLUMNS);
                copy(count, columns, edge, 0, Tiles.COLUMNS, x.c, cAt, x.cStride);
            }
            aAt += height * innerLength;
        }
    }

    private void multiplyTile(int height, float[] a, int aAt, int aStep, int bAt, float[] c, int cAt, int cStride) {
        boolean fromZero = startsAtZero();
        float[] start = fromZero ? Tiles.ZEROS : c;
        int startAt = fromZero ? 0 : cAt;
        int startStride = fromZero ? 0 : cStride;
        Tiles.run(
                height,
                innerLength,
                a,
                aAt,
                aStep,
                panel,
                bAt,
                panelStep,
                start,
                startAt,
                startStride,
                c,
                cAt,
                cStride);
    }

    /// Copies rows: a tile of which only some rows and columns lie in C is computed in memory of its own.
    private static void copy(
            int rows, int columns, float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(from, fromAt + r * fromStride, to, toAt + r * toStride, columns);
        }
    }
}
