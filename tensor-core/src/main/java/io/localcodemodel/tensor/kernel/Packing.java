package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Copies parts of A and B into the order in which a tile reads them: strips of some rows of A, or of some columns of B,
/// with the inner extent outermost.
///
/// A strip is `width` elements for each p: `to[toAt + p·width + i]`, where `width` is a multiple of L. Strips follow each
/// other `stripStep` elements apart. Elements of a strip that lie outside the matrix are whatever
/// happens to be there; tiles compute with them and nobody reads the results.
final class Packing {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();
    private static final int UPPER = 0xFFFF_0000;

    /// Where packed strips begin in an array: with the usual array header of 16 bytes, the first element on a 64-byte
    /// boundary where the array is.
    static final int FIRST = 12;

    private Packing() {}

    /// Packs strips of elements that lie one after the other in memory for each row or column of the strip:
    /// `to[toAt + s·stripStep + p·width + i] = from[fromAt + (s·width + i)·stride + p]`.
    ///
    /// @param count how many rows or columns there are in all the strips
    static void transposed(
            float[] from, int fromAt, int stride, int count, int k, float[] to, int toAt, int stripStep, int width) {
        int whole = k - k % L;
        for (int done = 0; done < count; done += L) {
            int some = Math.min(L, count - done);
            int at = fromAt + done * stride;
            int put = toAt + done / width * stripStep + done % width;
            Transposition.transpose(from, at, stride, some, whole, to, put, width);
            for (int p = whole; p < k; p++) {
                for (int i = 0; i < some; i++) {
                    to[put + p * width + i] = from[at + i * stride + p];
                }
            }
        }
    }

    /// Packs strips of elements that lie side by side for each p:
    /// `to[toAt + s·stripStep + p·width + i] = from[fromAt + p·stride + s·width + i]`, by whole rows of `from`, so that
    /// memory is read in order.
    ///
    /// @param count how many elements there are for each p in all the strips
    static void straight(
            float[] from, int fromAt, int stride, int count, int k, float[] to, int toAt, int stripStep, int width) {
        int strips = count / width;
        int rest = count - strips * width;
        // The last strip is read beyond its end where the array goes on.
        int vectors = Math.ceilDiv(rest, L) * L;
        int readable = from.length - fromAt - strips * width - vectors;
        int free = readable < 0 ? 0 : Math.min(k, readable / Math.max(1, stride) + 1);
        for (int p = 0; p < k; p++) {
            int at = fromAt + p * stride;
            int put = toAt + p * width;
            for (int s = 0; s < strips; s++) {
                copy(from, at, to, put, width);
                at += width;
                put += stripStep;
            }
            if (p < free) {
                copy(from, at, to, put, vectors);
            } else {
                System.arraycopy(from, at, to, put, rest);
            }
        }
    }

    /// As [#straight], widening on the way numbers of the pairs that `from` holds ([BfloatKernels]). The last strip is read
    /// to the end of its last vector.
    ///
    /// @param shift how far a word is shifted to the left: by a half of it for the first numbers, by nothing for the second
    static void widened(
            float[] from,
            int fromAt,
            int stride,
            int shift,
            int count,
            int k,
            float[] to,
            int toAt,
            int stripStep,
            int width) {
        for (int p = 0; p < k; p++) {
            int at = fromAt + p * stride;
            int put = toAt + p * width;
            for (int done = 0; done < count; done += width) {
                int some = Math.min(width, count - done);
                for (int i = 0; i < some; i += L) {
                    FloatVector.fromArray(S, from, at + done + i)
                            .reinterpretAsInts()
                            .lanewise(VectorOperators.LSHL, shift)
                            .and(UPPER)
                            .reinterpretAsFloats()
                            .intoArray(to, put + i);
                }
                put += stripStep;
            }
        }
    }

    private static void copy(float[] from, int at, float[] to, int put, int length) {
        for (int i = 0; i < length; i += L) {
            FloatVector.fromArray(S, from, at + i).intoArray(to, put + i);
        }
    }
}
