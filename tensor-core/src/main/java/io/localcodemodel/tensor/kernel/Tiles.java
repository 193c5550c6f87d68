package io.localcodemodel.tensor.kernel;

/// The micro-kernels: products of a few rows of A and two vectors of columns of B, kept in registers.
///
/// Each computes for its rows `r` and columns `j` (two vectors wide)
///
/// ```text
/// c[cAt + r·cStride + j] = start[startAt + r·startStride + j] + Σ_p a[aAt + p·aStep + r] · b[bAt + p·bStep + j]
/// ```
///
/// for p from 0 to k-1, one after another in one accumulator per element. So an element is the same chain of fused
/// multiply-adds wherever the inner extent is cut into blocks, whichever tile it falls into and however wide the vectors
/// are: no choice of block sizes, workers or tiles changes a result.
///
/// Every accumulator is a variable of its own, since an array of vectors would live in memory. The methods are too large
/// for the compiler to inline, which is intended: in a caller's frame they would compete for its registers. After each
/// row of the tile a fence ([Lanes#PINNED]) keeps the next row's broadcast from moving up; without it accumulators are spilled.
final class Tiles {
    /// The most rows of a tile.
    static final int ROWS = Lanes.REGISTERS >= 32 ? 12 : 6;
    /// The columns of every tile.
    static final int COLUMNS = 2 * Lanes.FLOATS.length();
    /// What `start` is for a product that starts at zero, with a stride of 0.
    static final float[] ZEROS = new float[COLUMNS];

    private Tiles() {}

    /// The rows of the smallest tile that has at least `rows` rows; at most [#ROWS].
    static int tileRows(int rows) {
        if (rows <= 4) {
            return 4;
        }
        return ROWS == 6 ? 6 : rows <= 8 ? 8 : 12;
    }

    /// Runs the tile of the given number of rows.
    static void run(
            int rows,
            int k,
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            float[] start,
            int startAt,
            int startStride,
            float[] c,
            int cAt,
            int cStride) {
        switch (rows) {
            case 12 -> Tile12.run(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
            case 8 -> Tile8.run(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
            case 6 -> Tile6.run(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
            case 4 -> Tile4.run(k, a, aAt, aStep, b, bAt, bStep, start, startAt, startStride, c, cAt, cStride);
            default -> throw new IllegalArgumentException("no tile of " + rows + " rows");
        }
    }
}
