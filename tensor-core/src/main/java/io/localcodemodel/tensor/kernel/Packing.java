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

    /// Packs strips of the same width that lie side by side, as their elements for one p do:
    /// `to[toAt + s·stripStep + p·width + i] = from[fromAt + p·stride + s·width + i]`, by whole rows of `from`, so that
    /// memory is read in order.
    ///
    /// @param strips how many there are, each with `width` elements for every p
    static void straight(
            float[] from, int fromAt, int stride, int strips, int k, float[] to, int toAt, int stripStep, int width) {
        int vectors = Math.ceilDiv(width, L);
        // What the last vector of a strip writes too much belongs to the next p, which is written later: not so for the
        // last p. And it must not be read past the end of the array.
        int readable = from.length - fromAt - (strips - 1) * width - vectors * L;
        int free = width % L == 0 ? k : Math.clamp(readable < 0 ? 0 : readable / stride + 1, 0, Math.max(0, k - 1));
        for (int p = 0; p < free; p++) {
            int at = fromAt + p * stride;
            int put = toAt + p * width;
            for (int s = 0; s < strips; s++) {
                for (int i = 0; i < vectors; i++) {
                    FloatVector.fromArray(S, from, at + i * L).intoArray(to, put + i * L);
                }
                at += width;
                put += stripStep;
            }
        }
        for (int p = free; p < k; p++) {
            for (int s = 0; s < strips; s++) {
                System.arraycopy(from, fromAt + p * stride + s * width, to, toAt + s * stripStep + p * width, width);
            }
        }
    }

    /// Packs a strip of which `columns` of `width` elements for each p lie in the matrix, and zeros for the others.
    static void straightEdge(
            float[] from, int fromAt, int stride, int columns, int k, float[] to, int toAt, int width) {
        for (int p = 0; p < k; p++) {
            int put = toAt + p * width;
            System.arraycopy(from, fromAt + p * stride, to, put, columns);
            Arrays.fill(to, put + columns, put + width, 0);
        }
    }
}
