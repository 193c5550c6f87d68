package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorScaledRows.BYTES;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.SHORTS;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.SHORT_LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of Q4_K and Q5_K times a [QuantizedInput]; the layout is that of
/// [io.localcodemodel.tensor.format.BlockFormat].
///
/// `Σ (d·s·q - m·t)·x = d·Σ_groups s·Σ q·x - m·Σ_groups t·Σ x`. The 12 bytes of scales are taken apart as two words of
/// eight bytes, a byte per group.
final class VectorSuperBlockRows {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    private static final int ELEMENTS = 256;
    private static final int GROUP = QuantizedInput.GROUP;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int SCALES = 4;
    private static final int TOP_BITS = 16;
    private static final int Q4_HALVES = 16;
    private static final int Q5_HALVES = 48;
    private static final int Q4_BYTES = 144;
    private static final int Q5_BYTES = 176;
    private static final long LOW_WORD = 0xFFFF_FFFFL;

    private VectorSuperBlockRows() {}

    /// The eight `s`, group 0 in the lowest byte.
    private static long scales(MemorySegment weights, long block) {
        int first = weights.get(INT, block + SCALES);
        int third = weights.get(INT, block + SCALES + 8);
        int upper = (third & 0x0F0F0F0F) | ((first >>> 2) & 0x30303030);
        return (first & 0x3F3F3F3F & LOW_WORD) | ((long) upper << 32);
    }

    /// The eight `t`.
    private static long minima(MemorySegment weights, long block) {
        int second = weights.get(INT, block + SCALES + 4);
        int third = weights.get(INT, block + SCALES + 8);
        int upper = ((third >>> 4) & 0x0F0F0F0F) | ((second >>> 2) & 0x30303030);
        return (second & 0x3F3F3F3F & LOW_WORD) | ((long) upper << 32);
    }

    /// `m·Σ_groups t·Σ x` of all blocks of a row.
    private static float minimumParts(MemorySegment weights, long at, int bytes, int k, float[] input, int inputAt) {
        int sums = QuantizedInput.sumsAt(inputAt, k);
        float total = 0;
        for (int b = 0; b < k / ELEMENTS; b++) {
            long block = at + (long) b * bytes;
            long t = minima(weights, block);
            float part = 0;
            for (int g = 0; g < GROUPS; g++) {
                part = Math.fma((float) ((t >>> (8 * g)) & 63), input[sums + b * GROUPS + g], part);
            }
            total = Math.fma(VectorScaledRows.half(weights, block + 2), part, total);
        }
        return total;
    }

    static float dotQ4(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        int inputScales = QuantizedInput.scalesAt(inputAt, k);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int b = 0; b < k / ELEMENTS; b++) {
            long block = at + (long) b * Q4_BYTES;
            float d = VectorScaledRows.half(weights, block);
            long s = scales(weights, block);
            for (int pair = 0; pair < GROUPS / 2; pair++) {
                long halves = block + Q4_HALVES + GROUP * pair;
                int first = inputAt + (b * ELEMENTS + 2 * pair * GROUP) / 2;
                IntVector even = IntVector.zero(INTS);
                IntVector odd = even;
                for (int i = 0; i < GROUP; i += SHORT_LANES) {
                    ShortVector both = (ShortVector) ByteVector.fromMemorySegment(BYTES, weights, halves + i, LITTLE)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
                    ShortVector low = both.lanewise(VectorOperators.AND, (short) 0xF);
                    ShortVector high = both.lanewise(VectorOperators.LSHR, 4);
                    even = even.add(VectorScaledRows.pairs(low.mul(VectorScaledRows.input(input, first, i))));
                    odd = odd.add(VectorScaledRows.pairs(high.mul(VectorScaledRows.input(input, first, GROUP + i))));
                }
                int g = b * GROUPS + 2 * pair;
                sum = VectorScaledRows.multiplyAdd(even, d * (s & 63) * input[inputScales + g], sum);
                sum = VectorScaledRows.multiplyAdd(odd, d * ((s >>> 8) & 63) * input[inputScales + g + 1], sum);
                s >>>= 16;
            }
        }
        return LaneSum.of(sum) - minimumParts(weights, at, Q4_BYTES, k, input, inputAt);
    }

    static float dotQ5(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        int inputScales = QuantizedInput.scalesAt(inputAt, k);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int b = 0; b < k / ELEMENTS; b++) {
            long block = at + (long) b * Q5_BYTES;
            float d = VectorScaledRows.half(weights, block);
            long s = scales(weights, block);
            for (int pair = 0; pair < GROUPS / 2; pair++) {
                long halves = block + Q5_HALVES + GROUP * pair;
                int first = inputAt + (b * ELEMENTS + 2 * pair * GROUP) / 2;
                IntVector even = IntVector.zero(INTS);
                IntVector odd = even;
                for (int i = 0; i < GROUP; i += SHORT_LANES) {
                    ShortVector both = (ShortVector) ByteVector.fromMemorySegment(BYTES, weights, halves + i, LITTLE)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
                    ShortVector top =
                            (ShortVector) ByteVector.fromMemorySegment(BYTES, weights, block + TOP_BITS + i, LITTLE)
                                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
                    top = top.lanewise(VectorOperators.LSHR, 2 * pair);
                    ShortVector low = both.lanewise(VectorOperators.AND, (short) 0xF)
                            .or(top.lanewise(VectorOperators.LSHL, 4).lanewise(VectorOperators.AND, (short) 0x10));
                    ShortVector high = both.lanewise(VectorOperators.LSHR, 4)
                            .or(top.lanewise(VectorOperators.LSHL, 3).lanewise(VectorOperators.AND, (short) 0x10));
                    even = even.add(VectorScaledRows.pairs(low.mul(VectorScaledRows.input(input, first, i))));
                    odd = odd.add(VectorScaledRows.pairs(high.mul(VectorScaledRows.input(input, first, GROUP + i))));
                }
                int g = b * GROUPS + 2 * pair;
                sum = VectorScaledRows.multiplyAdd(even, d * (s & 63) * input[inputScales + g], sum);
                sum = VectorScaledRows.multiplyAdd(odd, d * ((s >>> 8) & 63) * input[inputScales + g + 1], sum);
                s >>>= 16;
            }
        }
        return LaneSum.of(sum) - minimumParts(weights, at, Q5_BYTES, k, input, inputAt);
    }
}
