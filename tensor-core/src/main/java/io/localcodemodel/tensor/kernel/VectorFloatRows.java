package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of floats of 32 and 16 bits times a row of input.
///
/// 16-bit weights are loaded two to a 32-bit lane and taken apart with shifts, so the input has its even and its odd
/// elements apart, a vector of each in turn.
///
/// A 16-bit float's exponent and mantissa, moved to where a 32-bit float has them, are its value times 2⁻¹¹². Half of
/// the missing power is in the prepared input, half is applied to the sum, so that neither overflows. Infinite and NaN
/// weights of F16, which no file of weights has, count as finite numbers of at least 65536.
final class VectorFloatRows {
    static final float HALF_SCALE = 0x1p56f;
    /// Sign, and exponent and mantissa of 15 bits, after an arithmetic shift by 3.
    static final int HALF_BITS = 0x8FFFE000;

    private static final int PAIRS = 2 * LANES;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;
    private static final int UPPER_HALF = 0xFFFF0000;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);

    private VectorFloatRows() {}

    static float dotF32(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int whole = k - k % (4 * LANES);
        for (int i = 0; i < whole * Float.BYTES; i += 4 * VECTOR_BYTES) {
            sum0 = FloatVector.fromMemorySegment(FLOATS, weights, at, LITTLE)
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, i, LITTLE), sum0);
            sum1 = FloatVector.fromMemorySegment(FLOATS, weights, at + VECTOR_BYTES, LITTLE)
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, i + VECTOR_BYTES, LITTLE), sum1);
            sum2 = FloatVector.fromMemorySegment(FLOATS, weights, at + 2 * VECTOR_BYTES, LITTLE)
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, i + 2 * VECTOR_BYTES, LITTLE), sum2);
            sum3 = FloatVector.fromMemorySegment(FLOATS, weights, at + 3 * VECTOR_BYTES, LITTLE)
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, i + 3 * VECTOR_BYTES, LITTLE), sum3);
            at += 4 * VECTOR_BYTES;
        }
        sum0.add(sum1).add(sum2.add(sum3)).intoArray(work, 0);
        return VectorBlockRows.sum(work) + rest(BlockFormat.F32, weights, at, whole, k, x);
    }

    static float dotBF16(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector even0 = FloatVector.zero(FLOATS);
        FloatVector odd0 = even0;
        FloatVector even1 = even0;
        FloatVector odd1 = even0;
        int from = 0;
        int whole = k - k % PAIRS;
        int end = whole * Float.BYTES;
        for (; from <= end - 4 * VECTOR_BYTES; from += 4 * VECTOR_BYTES) {
            IntVector first = IntVector.fromMemorySegment(INTS, weights, at, LITTLE);
            IntVector second = IntVector.fromMemorySegment(INTS, weights, at + VECTOR_BYTES, LITTLE);
            even0 = first.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from, LITTLE), even0);
            odd0 = first.and(UPPER_HALF)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from + VECTOR_BYTES, LITTLE), odd0);
            even1 = second.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from + 2 * VECTOR_BYTES, LITTLE), even1);
            odd1 = second.and(UPPER_HALF)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from + 3 * VECTOR_BYTES, LITTLE), odd1);
            at += 2 * VECTOR_BYTES;
        }
        if (from < end) {
            IntVector first = IntVector.fromMemorySegment(INTS, weights, at, LITTLE);
            even0 = first.lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from, LITTLE), even0);
            odd0 = first.and(UPPER_HALF)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from + VECTOR_BYTES, LITTLE), odd0);
            at += VECTOR_BYTES;
        }
        even0.add(even1).add(odd0.add(odd1)).intoArray(work, 0);
        return VectorBlockRows.sum(work) + rest(BlockFormat.BF16, weights, at, whole, k, x);
    }

    static float dotF16(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int whole = k - k % PAIRS;
        for (int from = 0; from < whole * Float.BYTES; from += 2 * VECTOR_BYTES) {
            IntVector both = IntVector.fromMemorySegment(INTS, weights, at, LITTLE);
            even = both.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from, LITTLE), even);
            odd = both.lanewise(VectorOperators.ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromMemorySegment(FLOATS, x, from + VECTOR_BYTES, LITTLE), odd);
            at += VECTOR_BYTES;
        }
        even.add(odd).intoArray(work, 0);
        return VectorBlockRows.sum(work) * HALF_SCALE + rest(BlockFormat.F16, weights, at, whole, k, x);
    }

    /// The elements from `i` on, fewer than one turn of a loop.
    private static float rest(BlockFormat format, MemorySegment weights, long at, int i, int k, MemorySegment x) {
        if (i == k) {
            return 0;
        }
        float[] decoded = new float[k - i];
        format.decode(weights, at, decoded, 0, k - i);
        float sum = 0;
        for (int j = i; j < k; j++) {
            sum += decoded[j - i] * x.getAtIndex(FLOAT, j);
        }
        return sum;
    }
}
