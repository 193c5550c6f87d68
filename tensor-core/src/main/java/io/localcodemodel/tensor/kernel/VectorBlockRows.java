package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The product of one row of weights, read in place, and one row of input that [BlockInput] prepared for the format; and
/// what the rows of all formats have in common.
///
/// Weights become 32-bit floats in registers and are multiplied with floats: bytes are widened to 32-bit lanes, taken
/// apart by masks and shifts and converted. That takes no more instructions than products of 16-bit integers, whose sums
/// have to be taken apart again, and the input keeps its precision (see `docs/formats.md`).
///
/// **The loops call no method of ours.** The compiler does not inline a method that it has compiled to more than 2,500
/// bytes on its own, as it does with a small method that the loops of several formats share; and behind a few dozen
/// vector operations it inlines nothing but those. A vector that is passed to a call is an object on the heap, and one
/// that lives across a call goes through memory: the loop is 5 to 50 times slower. So each loop is written out, and sums
/// leave it by way of an array.
final class VectorBlockRows {
    static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int LANES = FLOATS.length();
    /// As many bytes as there are lanes; but 8, the fewest that a vector has, where there are 4.
    static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(Long.SIZE, FLOATS.vectorBitSize() / 4)));

    static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);

    /// Where a row puts the scales of its blocks in its array, behind the lanes of its sum.
    static final int SCALES = 16;

    /// The bytes `i` to `i + LANES - 1`, with `i` a multiple of the lanes, are loaded from `i & LOADS`, where they are
    /// part `i >> 2 & PARTS`: with 4 lanes every second load is the upper half of 8 bytes.
    static final int LOADS = BYTES.length() > LANES ? -8 : -1;

    static final int PARTS = BYTES.length() > LANES ? 1 : 0;

    private VectorBlockRows() {}

    /// `Σ w[p]·x[p]` over a row.
    ///
    /// @param x what [BlockInput] prepared
    /// @param work at least [#workLength] elements
    static float dot(BlockFormat format, MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        return switch (format) {
            case F32 -> VectorFloatRows.dotF32(weights, at, k, x, work);
            case F16 -> VectorFloatRows.dotF16(weights, at, k, x, work);
            case BF16 -> VectorFloatRows.dotBF16(weights, at, k, x, work);
            case Q8_0 -> VectorScaledRows.dotQ8(weights, at, k, x, work);
            case Q4_0 -> VectorScaledRows.dotQ4(weights, at, k, x, work);
            case Q4_K -> {
                float minima = VectorSuperBlockRows.putScales(weights, at, VectorSuperBlockRows.Q4_BYTES, k, x, work);
                yield VectorSuperBlockRows.dotQ4(weights, at, k, x, work) - minima;
            }
            case Q5_K -> {
                float minima = VectorSuperBlockRows.putScales(weights, at, VectorSuperBlockRows.Q5_BYTES, k, x, work);
                yield VectorSuperBlockRows.dotQ5(weights, at, k, x, work) - minima;
            }
            case Q6_K -> {
                VectorSixBitRows.putScales(weights, at, k, work);
                yield VectorSixBitRows.dot(weights, at, k, x, work);
            }
        };
    }

    /// The elements that the array of a row of `k` weights needs: lanes, and a scale per 16 weights.
    static int workLength(int k) {
        return SCALES + k / 16;
    }

    /// The sum of the first [#LANES] elements: those four apart in turn, then the four sums.
    static float sum(float[] work) {
        float sum0 = work[0];
        float sum1 = work[1];
        float sum2 = work[2];
        float sum3 = work[3];
        for (int i = 4; i < LANES; i += 4) {
            sum0 += work[i];
            sum1 += work[i + 1];
            sum2 += work[i + 2];
            sum3 += work[i + 3];
        }
        return (sum0 + sum2) + (sum1 + sum3);
    }
}
