package io.localcodemodel.tensor.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Copies parts of A and B into the order in which a tile reads them: strips of a few rows of A, or of two vectors of
/// columns of B, with the inner extent outermost.
///
/// A strip is `width` elements for each p: `to[toAt + p·width + i]`. Elements of a strip that lie outside the matrix are
/// copies of its last row, zeros or left over; tiles compute with them and nobody reads the results.
final class Packing {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();

    /// How many elements beyond its end the packing of a strip may overwrite.
    static final int OVERRUN = L;

    private Packing() {}

    /// Packs a strip whose rows lie one after the other in memory: `to[toAt + p·width + i] = from[fromAt + i·stride + p]`.
    /// Groups of L rows are done from the last to the first and strips in ascending order, since what the last group
    /// writes past its rows belongs to the next p, or the next strip.
    ///
    /// @param rows how many rows there are, at most `width`
    static void transposed(float[] from, int fromAt, int stride, int rows, int k, float[] to, int toAt, int width) {
        int whole = k - k % L;
        if (whole > 0) {
            for (int i = (width - 1) / L * L; i >= 0; i -= L) {
                int first = Math.min(i, rows - 1);
                Transposition.transpose(
                        from, fromAt + first * stride, stride, rows - first, whole, to, toAt + i, width);
            }
        }
        for (int p = whole; p < k; p++) {
            for (int i = 0; i < rows; i++) {
                to[toAt + p * width + i] = from[fromAt + i * stride + p];
            }
        }
    }

    /// Packs a strip whose elements for one p lie side by side: `to[toAt + p·width + i] = from[fromAt + p·stride + i]`.
    ///
    /// @param columns how many elements there are for each p, at most `width`
    static void straight(float[] from, int fromAt, int stride, int columns, int k, float[] to, int toAt, int width) {
        if (columns == Tiles.COLUMNS) {
            straightVectors(from, fromAt, stride, k, to, toAt);
            return;
        }
        int vectors = (columns + L - 1) / L;
        for (int p = 0; p < k; p++) {
            int at = fromAt + p * stride;
            int put = toAt + p * width;
            if (at + vectors * L <= from.length && columns == width) {
                for (int i = 0; i < vectors; i++) {
                    FloatVector.fromArray(S, from, at + i * L).intoArray(to, put + i * L);
                }
            } else {
                System.arraycopy(from, at, to, put, columns);
                Arrays.fill(to, put + columns, put + width, 0);
            }
        }
    }

    private static void straightVectors(float[] from, int fromAt, int stride, int k, float[] to, int toAt) {
        int at = fromAt;
        int put = toAt;
        for (int p = 0; p < k; p++) {
            FloatVector first = FloatVector.fromArray(S, from, at);
            FloatVector second = FloatVector.fromArray(S, from, at + L);
            first.intoArray(to, put);
            second.intoArray(to, put + L);
            at += stride;
            put += 2 * L;
        }
    }
}
