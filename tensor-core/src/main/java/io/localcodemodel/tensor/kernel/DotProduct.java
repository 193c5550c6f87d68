package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// `C = A·Bᵀ` for a few rows of A: decoding. Each element is the dot product of a row of A and a row of B, both read in
/// place, so that every element of B is read from memory once and nothing is packed.
///
/// The lanes of an accumulator take every L-th product; they are added up by [LaneSum], and what is left of the inner
/// extent follows one by one. That order is the same for every element, whichever loop computes it.
final class DotProduct implements Workers.Block {
    /// The most rows of A for which this is faster than packing B.
    static final int MOST_ROWS = 16;

    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();
    private static final int LANES_SLOT = 2;
    /// Rows of B that are multiplied with one row of A at a time.
    private static final int WIDE = 8;
    /// Rows of B that are multiplied with two rows of A at a time.
    private static final int NARROW = 4;
    /// Below this many multiply-adds a second worker costs more than it saves.
    private static final int ALONE = 1 << 15;

    private final Operands x;
    private int columnsPerBlock;

    DotProduct(Operands x) {
        this.x = x;
    }

    void run(Workers workers) {
        int wanted = (long) x.m * x.n * x.k < ALONE ? 1 : 4 * workers.count();
        columnsPerBlock = BlockSizes.even(x.n, Math.ceilDiv(x.n, wanted), WIDE);
        workers.run(Math.ceilDiv(x.n, columnsPerBlock), this);
    }

    void run(Scratch scratch) {
        columnsPerBlock = x.n;
        run(0, scratch);
    }

    @Override
    public void run(int block, Scratch scratch) {
        int first = block * columnsPerBlock;
        int end = Math.min(x.n, first + columnsPerBlock);
        float[] lanes = scratch.floats(LANES_SLOT, WIDE * L);
        int j = first;
        for (; j + WIDE <= end; j += WIDE) {
            int i = 0;
            for (; i + 2 <= x.m; i += 2) {
                twoByFour(i, j, lanes);
                write(i, j, NARROW, lanes, 0);
                write(i + 1, j, NARROW, lanes, NARROW);
                twoByFour(i, j + NARROW, lanes);
                write(i, j + NARROW, NARROW, lanes, 0);
                write(i + 1, j + NARROW, NARROW, lanes, NARROW);
            }
            if (i < x.m) {
                oneByEight(i, j, lanes);
                write(i, j, WIDE, lanes, 0);
            }
        }
        for (; j < end; j++) {
            for (int i = 0; i < x.m; i++) {
                oneByOne(i, j, lanes);
                write(i, j, 1, lanes, 0);
            }
        }
        x.finish(0, x.m, first, end - first);
    }

    private void oneByEight(int i, int j, float[] lanes) {
        float[] a = x.a;
        float[] b = x.b;
        int at = x.aAt(i, 0);
        int b0 = x.bAt(0, j);
        int b1 = b0 + x.bStride;
        int b2 = b1 + x.bStride;
        int b3 = b2 + x.bStride;
        int b4 = b3 + x.bStride;
        int b5 = b4 + x.bStride;
        int b6 = b5 + x.bStride;
        int b7 = b6 + x.bStride;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        FloatVector c4 = c0;
        FloatVector c5 = c0;
        FloatVector c6 = c0;
        FloatVector c7 = c0;
        int whole = S.loopBound(x.k);
        for (int p = 0; p < whole; p += L) {
            FloatVector u = FloatVector.fromArray(S, a, at + p);
            c0 = u.fma(FloatVector.fromArray(S, b, b0 + p), c0);
            c1 = u.fma(FloatVector.fromArray(S, b, b1 + p), c1);
            c2 = u.fma(FloatVector.fromArray(S, b, b2 + p), c2);
            c3 = u.fma(FloatVector.fromArray(S, b, b3 + p), c3);
            c4 = u.fma(FloatVector.fromArray(S, b, b4 + p), c4);
            c5 = u.fma(FloatVector.fromArray(S, b, b5 + p), c5);
            c6 = u.fma(FloatVector.fromArray(S, b, b6 + p), c6);
            c7 = u.fma(FloatVector.fromArray(S, b, b7 + p), c7);
        }
        c0.intoArray(lanes, 0);
        c1.intoArray(lanes, L);
        c2.intoArray(lanes, 2 * L);
        c3.intoArray(lanes, 3 * L);
        c4.intoArray(lanes, 4 * L);
        c5.intoArray(lanes, 5 * L);
        c6.intoArray(lanes, 6 * L);
        c7.intoArray(lanes, 7 * L);
    }

    private void twoByFour(int i, int j, float[] lanes) {
        float[] a = x.a;
        float[] b = x.b;
        int at = x.aAt(i, 0);
        int below = at + x.aStride;
        int b0 = x.bAt(0, j);
        int b1 = b0 + x.bStride;
        int b2 = b1 + x.bStride;
        int b3 = b2 + x.bStride;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        FloatVector d0 = c0;
        FloatVector d1 = c0;
        FloatVector d2 = c0;
        FloatVector d3 = c0;
        int whole = S.loopBound(x.k);
        for (int p = 0; p < whole; p += L) {
            FloatVector u = FloatVector.fromArray(S, a, at + p);
            FloatVector v = FloatVector.fromArray(S, a, below + p);
            FloatVector w = FloatVector.fromArray(S, b, b0 + p);
            c0 = u.fma(w, c0);
            d0 = v.fma(w, d0);
            w = FloatVector.fromArray(S, b, b1 + p);
            c1 = u.fma(w, c1);
            d1 = v.fma(w, d1);
            w = FloatVector.fromArray(S, b, b2 + p);
            c2 = u.fma(w, c2);
            d2 = v.fma(w, d2);
            w = FloatVector.fromArray(S, b, b3 + p);
            c3 = u.fma(w, c3);
            d3 = v.fma(w, d3);
        }
        c0.intoArray(lanes, 0);
        c1.intoArray(lanes, L);
        c2.intoArray(lanes, 2 * L);
        c3.intoArray(lanes, 3 * L);
        d0.intoArray(lanes, 4 * L);
        d1.intoArray(lanes, 5 * L);
        d2.intoArray(lanes, 6 * L);
        d3.intoArray(lanes, 7 * L);
    }

    private void oneByOne(int i, int j, float[] lanes) {
        int at = x.aAt(i, 0);
        int bAt = x.bAt(0, j);
        FloatVector sum = FloatVector.zero(S);
        int whole = S.loopBound(x.k);
        for (int p = 0; p < whole; p += L) {
            sum = FloatVector.fromArray(S, x.a, at + p).fma(FloatVector.fromArray(S, x.b, bAt + p), sum);
        }
        sum.intoArray(lanes, 0);
    }

    /// Adds up the lanes of accumulators, from the accumulator `from` on, and writes their elements of row `i`.
    ///
    /// They come by way of memory: C2 no longer inlines [LaneSum] behind eight accumulators, and a vector handed to a
    /// method that is not inlined is an object on the heap, one for each element (DecodingSpeed shows it).
    private void write(int i, int j, int count, float[] lanes, int from) {
        for (int c = 0; c < count; c++) {
            write(i, j + c, LaneSum.of(FloatVector.fromArray(S, lanes, (from + c) * L)));
        }
    }

    /// Adds what is left of the inner extent and writes an element.
    private void write(int i, int j, float sum) {
        int at = x.aAt(i, 0);
        int bAt = x.bAt(0, j);
        for (int p = S.loopBound(x.k); p < x.k; p++) {
            sum = Math.fma(x.a[at + p], x.b[bAt + p], sum);
        }
        int to = x.cAt(i, j);
        x.c[to] = x.accumulate ? x.c[to] + sum : sum;
    }
}
