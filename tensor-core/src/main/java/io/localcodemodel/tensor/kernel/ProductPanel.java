package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// The panel of B that is being multiplied with: some of its columns and of its inner extent, in the order in which
/// tiles read it.
///
/// Where few rows of A use B, and B is stored with the inner extent outermost (NN and TN), the panel is B where it lies.
final class ProductPanel {
    private static final int PANEL_SLOT = 0;
    private static final int WIDENED_SLOT = 1;
    /// How many columns a worker packs at a time: whole strips, and enough of a row to read memory in order.
    private static final int TASK_COLUMNS = 128;
    private static final int L = Lanes.FLOATS.length();

    private Operands x;

    /// The first column of B and how many there are.
    int column;

    int columns;
    /// The first inner index and how many there are.
    int innerAt;

    int innerLength;
    float[] values = Tiles.ZEROS;
    /// Elements from one inner index to the next.
    int step;
    private int first;
    /// Elements from one strip to the next.
    private int stripStep;

    ProductPanel(Operands x) {
        this.x = x;
    }

    /// Turns to a product.
    void of(Operands x) {
        this.x = x;
    }

    /// Where the given column of the panel begins.
    int at(int column) {
        return first + column / Tiles.COLUMNS * stripStep + column % Tiles.COLUMNS;
    }

    /// Whether B is packed: it is used enough times to be worth that.
    boolean isPacked() {
        return x.pairWords > 0 || x.layout == Layout.NT || x.n % Tiles.NARROW != 0 || !BlockSizes.leavesInPlace(x.m);
    }

    /// How many elements all of B takes when it is kept packed.
    long keptElements() {
        return Packing.FIRST + (long) x.k * Tiles.COLUMNS * Math.ceilDiv(x.n, Tiles.COLUMNS);
    }

    /// Chooses where the panel is: in B, among those that are kept, in the order of the loops, or in memory of the worker.
    void choose(@Nullable Panels kept, Scratch scratch) {
        if (!isPacked()) {
            values = x.b;
            first = x.bAt(innerAt, column);
            step = x.bStride;
            stripStep = Tiles.COLUMNS;
            return;
        }
        int width = Math.ceilDiv(columns, Tiles.COLUMNS) * Tiles.COLUMNS;
        step = Tiles.COLUMNS;
        stripStep = Tiles.COLUMNS * innerLength;
        if (kept == null) {
            values = scratch.floats(PANEL_SLOT, width * innerLength + Packing.FIRST);
            first = Packing.FIRST;
        } else {
            values = kept.values();
            first = Packing.FIRST + column * x.k + width * innerAt;
        }
    }

    /// Lets go of the memory.
    void clear() {
        values = Tiles.ZEROS;
    }

    /// How many elements there are to pack, and in how many tasks.
    int elements() {
        return Math.ceilDiv(columns, Tiles.COLUMNS) * stripStep;
    }

    int tasks() {
        return Math.ceilDiv(columns, TASK_COLUMNS);
    }

    /// Packs some strips.
    void pack(int task, Scratch scratch) {
        int from = task * TASK_COLUMNS;
        int count = Math.min(TASK_COLUMNS, columns - from);
        int bAt = x.bAt(innerAt, column + from);
        if (x.pairWords > 0) {
            packPairs(bAt - x.bOffset, count, at(from), scratch);
        } else if (x.layout == Layout.NT) {
            Packing.transposed(x.b, bAt, x.bStride, count, innerLength, values, at(from), stripStep, Tiles.COLUMNS);
        } else {
            Packing.straight(x.b, bAt, x.bStride, count, innerLength, values, at(from), stripStep, Tiles.COLUMNS);
        }
    }

    /// Packs strips of a B that is stored as pairs.
    ///
    /// @param from the first number of the strips in B
    private void packPairs(int from, int count, int to, Scratch scratch) {
        if (x.layout == Layout.NT) {
            transposePairs(from, count, to, scratch);
            return;
        }
        int half = x.pairWords;
        int vectors = Math.ceilDiv(count, L) * L;
        int firsts = runsUpTo(half - vectors, from);
        int seconds = runsUpTo(half - 1, from);
        int inside = Math.max(seconds, runsUpTo(2 * half - vectors, from));
        int at = x.bOffset + from;
        Packing.widened(x.b, at, x.bStride, Short.SIZE, count, firsts, values, to, stripStep, Tiles.COLUMNS);
        packRuns(from, firsts, seconds, count, to, scratch);
        at += seconds * x.bStride - half;
        int put = to + seconds * Tiles.COLUMNS;
        Packing.widened(x.b, at, x.bStride, 0, count, inside - seconds, values, put, stripStep, Tiles.COLUMNS);
        packRuns(from, inside, innerLength, count, to, scratch);
    }

    /// How many of the runs of the panel, one for each inner index, begin at a number of B up to `last`.
    private int runsUpTo(int last, int from) {
        return last < from ? 0 : Math.min(innerLength, (last - from) / x.bStride + 1);
    }

    /// Packs runs by way of memory of the worker: those with numbers of either half of B, or with the last of B, where
    /// nothing may be read behind them.
    private void packRuns(int from, int first, int end, int count, int to, Scratch scratch) {
        float[] wide = scratch.floats(WIDENED_SLOT, TASK_COLUMNS);
        for (int p = first; p < end; p++) {
            int put = to + p * Tiles.COLUMNS;
            widen(from + p * x.bStride, 1, count, wide);
            Packing.straight(wide, 0, count, count, 1, values, put, stripStep, Tiles.COLUMNS);
        }
    }

    /// Packs strips of a B that is stored as pairs and transposed: widened to memory of the worker, a vector of columns at a
    /// time so that they stay in its cache, and from there like any other.
    private void transposePairs(int from, int count, int to, Scratch scratch) {
        float[] wide = scratch.floats(WIDENED_SLOT, L * innerLength);
        for (int done = 0; done < count; done += L) {
            int some = Math.min(L, count - done);
            widen(from + done * x.bStride, some, innerLength, wide);
            int at = to + done / Tiles.COLUMNS * stripStep + done % Tiles.COLUMNS;
            Packing.transposed(wide, 0, innerLength, some, innerLength, values, at, stripStep, Tiles.COLUMNS);
        }
    }

    /// Widens `runs` runs of B, one below the other, from the number `from` on.
    private void widen(int from, int runs, int length, float[] to) {
        for (int i = 0; i < runs; i++) {
            VectorBfloat.INSTANCE.widen(x.b, x.bOffset, x.pairWords, from + i * x.bStride, to, i * length, length);
        }
    }
}
