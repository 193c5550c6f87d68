package io.localcodemodel.tensor.kernel;

/// A block of rows of C, multiplied by one worker with a panel of B; the state of one at a time, kept in a [Scratch].
///
/// A that is stored row by row is read where it lies. Where it is stored transposed, it is packed, unless it is used too
/// few times to be worth that, as in attention; so it is for the few rows that multiply a B which is not packed.
final class RowBlock {
    private static final int ROWS_SLOT = 1;
    private static final int TILE_SLOT = 2;
    private static final float[] NONE = {};
    /// The elements of a cache line.
    private static final int LINE = 16;

    /// A stored transposed is packed where more narrow strips of B than these use it: sooner where packing allows wide tiles.
    private static final int IN_PLACE_STRIPS = Tiles.COLUMNS > Tiles.NARROW ? 1 : 4;

    private Operands x = new Operands();
    private ProductPanel panel = new ProductPanel(x);
    private int firstRow;
    private int rows;
    /// How many of the rows are read where they lie; the others are in `packed`.
    private int inPlace;
    private float[] packed = NONE;
    /// The rows of a packed strip.
    private int stripRows;
    private float[] edge = NONE;
    private boolean startsAtZero;

    private RowBlock() {}

    static RowBlock of(Scratch scratch) {
        return scratch.kept(RowBlock.class, RowBlock::new);
    }

    /// Computes some rows of the product with some columns of the panel, from the column `firstColumn` of it on.
    void multiply(
            Operands x, ProductPanel panel, int firstRow, int rows, int firstColumn, int columns, Scratch scratch) {
        this.x = x;
        this.panel = panel;
        this.firstRow = firstRow;
        this.rows = rows;
        startsAtZero = panel.innerAt == 0 && !x.accumulate;
        edge = scratch.floats(TILE_SLOT, Tiles.MOST_ROWS * Tiles.COLUMNS);
        inPlace = rowsInPlace();
        packRows(scratch);
        for (int column = firstColumn; column < firstColumn + columns; column += Tiles.COLUMNS) {
            multiplyStrip(column, Math.min(Tiles.COLUMNS, panel.columns - column));
        }
        if (panel.innerAt + panel.innerLength == x.k) {
            x.finish(firstRow, rows, panel.column + firstColumn, columns);
        }
    }

    private int rowsInPlace() {
        if (x.layout != Layout.TN) {
            return panel.isPacked() ? rows : 0;
        }
        return x.n <= IN_PLACE_STRIPS * Tiles.NARROW ? rows - rows % Tiles.MOST_ROWS : 0;
    }

    private void packRows(Scratch scratch) {
        int count = rows - inPlace;
        if (count == 0) {
            return;
        }
        int k = panel.innerLength;
        int whole = Math.ceilDiv(count, Lanes.FLOATS.length()) * Lanes.FLOATS.length();
        stripRows = readsWideStrips() ? Tiles.STRIP_ROWS : whole;
        packed = scratch.floats(ROWS_SLOT, (count + stripRows) * k + Packing.FIRST);
        int from = x.aAt(firstRow + inPlace, panel.innerAt);
        if (x.layout == Layout.TN) {
            Packing.straight(x.a, from, x.aStride, count, k, packed, Packing.FIRST, stripRows * k, stripRows);
        } else {
            Packing.transposed(x.a, from, x.aStride, count, k, packed, Packing.FIRST, stripRows * k, stripRows);
        }
    }

    /// Whether both factors lie as the wide tiles read them.
    private boolean readsWideStrips() {
        return panel.isPacked() && (x.layout != Layout.TN || inPlace == 0);
    }

    /// Multiplies the rows with one strip of B, all of it at a time where there is a tile for that.
    private void multiplyStrip(int column, int columns) {
        if (!startsAtZero) {
            edge[0] = touchC(column, columns);
        }
        boolean wide = columns > Tiles.NARROW && readsWideStrips();
        int width = wide ? Tiles.COLUMNS : Tiles.NARROW;
        boolean anyStep = !wide && (x.layout == Layout.TN || inPlace == 0);
        for (int done = 0; done < columns; done += width) {
            int some = Math.min(width, columns - done);
            for (int row = 0; row < rows; ) {
                int height = anyStep ? Tiles.height(rows - row) : Tiles.ROWS;
                multiplyTile(row, Math.min(height, rows - row), height, column + done, some, width);
                row += height;
            }
        }
    }

    /// Reads an element of each cache line of a strip of C, so that the lines are on their way together: a tile that starts
    /// from C can do nothing before its own have come.
    /// The sum is there for the compiler, which would leave out what nobody uses.
    private float touchC(int column, int columns) {
        int last = columns - 1;
        float sum = 0;
        int at = x.cAt(firstRow, panel.column + column);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < last; i += LINE) {
                sum += x.c[at + i];
            }
            sum += x.c[at + last];
            at += x.cStride;
        }
        return sum;
    }

    /// One tile. Where only some of its rows and columns lie in C it is computed in memory of its own.
    private void multiplyTile(int row, int count, int height, int column, int columns, int width) {
        int cAt = x.cAt(firstRow + row, panel.column + column);
        int bAt = panel.at(column);
        if (count == height && columns == width) {
            runTile(row, count, height, width, bAt, x.c, cAt, x.cStride);
        } else {
            copy(count, columns, x.c, cAt, x.cStride, edge, 0, Tiles.COLUMNS);
            runTile(row, count, height, width, bAt, edge, 0, Tiles.COLUMNS);
            copy(count, columns, edge, 0, Tiles.COLUMNS, x.c, cAt, x.cStride);
        }
    }

    private void runTile(int row, int count, int height, int width, int bAt, float[] c, int cAt, int cStride) {
        float[] start = startsAtZero ? Tiles.ZEROS : c;
        int startAt = startsAtZero ? 0 : cAt;
        int startStride = startsAtZero ? 0 : cStride;
        int k = panel.innerLength;
        float[] b = panel.values;
        int bStep = panel.step;
        boolean isPacked = row >= inPlace;
        float[] a = isPacked ? packed : x.a;
        int aAt = isPacked ? packedAt(row - inPlace) : x.aAt(firstRow + row, panel.innerAt);
        int aStep = isPacked ? stripRows : x.aStride;
        if (isPacked || x.layout == Layout.TN) {
            if (width > Tiles.NARROW) {
                WideStripTile.run(k, a, aAt, b, bAt, start, startAt, startStride, c, cAt, cStride);
            } else {
                Tiles.run(height, k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
            }
        } else if (width > Tiles.NARROW) {
            WideRowTile.run(k, a, aAt, aStep, count, b, bAt, start, startAt, startStride, c, cAt, cStride);
        } else {
            NarrowRowTile.run(k, a, aAt, aStep, count, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
        }
    }

    private int packedAt(int row) {
        int inStrip = row % stripRows;
        return Packing.FIRST + (row - inStrip) * panel.innerLength + inStrip;
    }

    private static void copy(
            int rows, int columns, float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(from, fromAt + r * fromStride, to, toAt + r * toStride, columns);
        }
    }
}
