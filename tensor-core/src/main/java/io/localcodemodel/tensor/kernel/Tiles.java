package io.localcodemodel.tensor.kernel;

/// The micro-kernels: products of a few rows of A and a few vectors of columns of B, kept in registers.
///
/// Each computes, for its rows `r` and its columns `j`, a part of C from what `start` holds:
///
/// ```text
/// c[cAt + r·cStride + j] = start[startAt + r·startStride + j] + Σ_p A[r,p] · B[p,j]
/// ```
///
/// for p from 0 to k-1, one after another in one accumulator per element. So an element is the same chain of fused
/// multiply-adds wherever the inner extent is cut into blocks, whichever tile it falls into and however wide the vectors
/// are: no choice of block sizes, workers or tiles changes a result.
///
/// | tile | rows | vectors | A | B |
/// |---|---|---|---|---|
/// | [WideRowTile] | 6 | 4 | rows where they lie | packed strips |
/// | [WideStripTile] | 6 | 4 | packed strips | packed strips |
/// | [NarrowRowTile] | 6 | 2 | rows where they lie | any step |
/// | [Tile12], [Tile8], [Tile6], [Tile4] | 12, 8, 6, 4 | 2 | any step | any step |
///
/// With 16 vector registers there are the ones of 2 vectors and at most 6 rows. Every accumulator is a variable of its own, since an array of
/// vectors would live in memory. The methods are too large for the compiler to inline, which is intended: in a caller's
/// frame they would compete for its registers.
final class Tiles {
    /// Whether there are enough for the tiles of 24 sums.
    private static final boolean MANY_REGISTERS = Lanes.REGISTERS >= 32;

    /// The rows of a tile for packed panels.
    static final int ROWS = 6;
    /// The most rows of a tile for any steps.
    static final int MOST_ROWS = MANY_REGISTERS ? 12 : 6;
    /// The rows of a packed strip of A: whole vectors of every width, so that they are copied without a rest.
    static final int STRIP_ROWS = 8 * ROWS;
    /// The columns of a narrow tile.
    static final int NARROW = 2 * Lanes.FLOATS.length();
    /// The columns of a strip of B, those of the widest tile.
    static final int COLUMNS = MANY_REGISTERS ? 2 * NARROW : NARROW;
    /// What `start` is for a product that starts at zero, with a stride of 0.
    static final float[] ZEROS = new float[COLUMNS];

    private Tiles() {}

    /// The rows of the smallest tile for any steps that has at least `rows` rows; at most [#MOST_ROWS].
    static int height(int rows) {
        if (rows <= 4) {
            return 4;
        }
        return MANY_REGISTERS ? rows <= 8 ? 8 : 12 : 6;
    }

    /// Runs the tile for any steps that has the given number of rows.
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
