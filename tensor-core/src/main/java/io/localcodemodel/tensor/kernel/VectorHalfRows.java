package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Rows of floats of 32 and 16 bits in memory times a row of input.
///
/// 16-bit weights are loaded two to a 32-bit lane and taken apart with shifts, so the input is separated once into its
/// even and odd elements, a vector of each in turn.
///
/// A 16-bit float's exponent and mantissa, moved to where a 32-bit float has them, are its value times 2⁻¹¹². Half of
/// the missing power is in the prepared input, half is applied to the sum, so that neither overflows. Infinite and NaN
/// weights of F16, which no file of weights has, count as finite numbers of at least 65536.
final class VectorHalfRows {
    static final float HALF_SCALE = 0x1p56f;

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final int LANES = FLOATS.length();
    private static final int PAIRS = 2 * LANES;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final int UPPER_HALF = 0xFFFF0000;
    /// Sign, and exponent and mantissa of 15 bits, after an arithmetic shift by 3.
    private static final int HALF_BITS = 0x8FFFE000;

    private VectorHalfRows() {}

    /// Writes `factor·x` in groups of two vectors: first the even, then the odd elements; a rest keeps its order and
    /// its size.
    static void separate(float factor, float[] x, int xOffset, int k, float[] input, int at) {
        int whole = k - k % PAIRS;
        for (int i = 0; i < whole; i += PAIRS) {
            for (int lane = 0; lane < LANES; lane++) {
                input[at + i + lane] = factor * x[xOffset + i + 2 * lane];
                input[at + i + LANES + lane] = factor * x[xOffset + i + 2 * lane + 1];
            }
        }
        System.arraycopy(x, xOffset + whole, input, at + whole, k - whole);
    }

    static float dotF32(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= k - 4 * LANES; i += 4 * LANES) {
            long from = at + (long) i * Float.BYTES;
            sum0 = FloatVector.fromMemorySegment(FLOATS, weights, from, LITTLE)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, input, inputAt + i), sum0);
            sum1 = FloatVector.fromMemorySegment(FLOATS, weights, from + VECTOR_BYTES, LITTLE)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, input, inputAt + i + LANES), sum1);
            sum2 = FloatVector.fromMemorySegment(FLOATS, weights, from + 2 * VECTOR_BYTES, LITTLE)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, input, inputAt + i + 2 * LANES), sum2);
            sum3 = FloatVector.fromMemorySegment(FLOATS, weights, from + 3 * VECTOR_BYTES, LITTLE)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, input, inputAt + i + 3 * LANES), sum3);
        }
        return LaneSum.of(sum0.add(sum1).add(sum2.add(sum3)))
                + rest(BlockFormat.F32, weights, at, i, k, input, inputAt);
    }

    static float dotBF16(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        FloatVector even0 = FloatVector.zero(FLOATS);
        FloatVector odd0 = even0;
        FloatVector even1 = even0;
        FloatVector odd1 = even0;
        int i = 0;
        for (; i <= k - 2 * PAIRS; i += 2 * PAIRS) {
            IntVector first = IntVector.fromMemorySegment(INTS, weights, at + 2L * i, LITTLE);
            IntVector second = IntVector.fromMemorySegment(INTS, weights, at + 2L * i + VECTOR_BYTES, LITTLE);
            even0 = upper(first.lanewise(VectorOperators.LSHL, 16), input, inputAt + i, even0);
            odd0 = upper(first.lanewise(VectorOperators.AND, UPPER_HALF), input, inputAt + i + LANES, odd0);
            even1 = upper(second.lanewise(VectorOperators.LSHL, 16), input, inputAt + i + PAIRS, even1);
            odd1 = upper(second.lanewise(VectorOperators.AND, UPPER_HALF), input, inputAt + i + PAIRS + LANES, odd1);
        }
        for (; i <= k - PAIRS; i += PAIRS) {
            IntVector first = IntVector.fromMemorySegment(INTS, weights, at + 2L * i, LITTLE);
            even0 = upper(first.lanewise(VectorOperators.LSHL, 16), input, inputAt + i, even0);
            odd0 = upper(first.lanewise(VectorOperators.AND, UPPER_HALF), input, inputAt + i + LANES, odd0);
        }
        return LaneSum.of(even0.add(even1).add(odd0.add(odd1)))
                + rest(BlockFormat.BF16, weights, at, i, k, input, inputAt);
    }

    static float dotF16(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int i = 0;
        for (; i <= k - PAIRS; i += PAIRS) {
            IntVector both = IntVector.fromMemorySegment(INTS, weights, at + 2L * i, LITTLE);
            IntVector low = both.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .lanewise(VectorOperators.AND, HALF_BITS);
            IntVector high = both.lanewise(VectorOperators.ASHR, 3).lanewise(VectorOperators.AND, HALF_BITS);
            even = upper(low, input, inputAt + i, even);
            odd = upper(high, input, inputAt + i + LANES, odd);
        }
        return LaneSum.of(even.add(odd)) * HALF_SCALE + rest(BlockFormat.F16, weights, at, i, k, input, inputAt);
    }

    /// Adds the product of weights, given by their bits, and prepared input.
    private static FloatVector upper(IntVector bits, float[] input, int inputAt, FloatVector sum) {
        return bits.reinterpretAsFloats()
                .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, input, inputAt), sum);
    }

    /// The elements from `i` on, fewer than two turns of a loop.
    private static float rest(
            BlockFormat format, MemorySegment weights, long at, int i, int k, float[] input, int inputAt) {
        if (i == k) {
            return 0;
        }
        float[] decoded = new float[k - i];
        format.decode(weights, at + format.bytes(i), decoded, 0, k - i);
        float sum = 0;
        for (int j = i; j < k; j++) {
            sum += decoded[j - i] * input[inputAt + j];
        }
        return sum;
    }
}
