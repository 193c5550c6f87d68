package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.BYTES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LOADS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.PARTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SCALES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of Q4_K and Q5_K times a row of input; the layout is that of [io.localcodemodel.tensor.format.BlockFormat].
///
/// `Σ (d·s·q - m·t)·x = Σ_groups d·s·Σ q·x - Σ_groups m·t·Σ x`. The `d·s` go through an array, from which a
/// broadcast is one load; the second sum takes eight groups at a time. `i` counts the bytes of 4-bit halves: 32 of them
/// hold two groups, 128 a block.
final class VectorSuperBlockRows {
    static final int ELEMENTS = 256;
    static final int TOP_BITS_AT = 16;
    static final int Q4_HALVES_AT = 16;
    static final int Q5_HALVES_AT = 48;
    static final int Q4_BYTES = 144;
    static final int Q5_BYTES = 176;

    private static final int GROUP = BlockInput.GROUP;
    private static final int GROUP_BYTES = GROUP * Float.BYTES;

    private VectorSuperBlockRows() {}

    /// Without the minima; the array has the scales from [#putScales], a method apart: the loops of both are more than the
    /// compiler takes at once.
    static float dotQ4(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector lowSum = FloatVector.zero(FLOATS);
        FloatVector highSum = lowSum;
        long from = 0;
        for (int pair = 0; pair < k / (2 * GROUP); pair++) {
            long halves = at + Q4_HALVES_AT + GROUP * pair + (Q4_BYTES - ELEMENTS / 2) * (pair >> 2);
            int scale = SCALES + (pair >> 2 << 3) + ((pair & 1) << 2) + (pair >> 1 & 1);
            FloatVector low = FloatVector.zero(FLOATS);
            FloatVector high = low;
            for (int i = 0; i < GROUP; i += LANES) {
                IntVector both = (IntVector) ByteVector.fromMemorySegment(BYTES, weights, halves + (i & LOADS), LITTLE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
                long xAt = from + i * Float.BYTES;
                low = ((FloatVector) both.and(0xF).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt, LITTLE), low);
                high = ((FloatVector) both.lanewise(VectorOperators.LSHR, 4).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt + GROUP_BYTES, LITTLE), high);
            }
            lowSum = low.fma(FloatVector.broadcast(FLOATS, work[scale]), lowSum);
            highSum = high.fma(FloatVector.broadcast(FLOATS, work[scale + 2]), highSum);
            from += 2 * GROUP_BYTES;
        }
        lowSum.add(highSum).intoArray(work, 0);
        return VectorBlockRows.sum(work);
    }

    /// As [#dotQ4].
    static float dotQ5(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector lowSum = FloatVector.zero(FLOATS);
        FloatVector highSum = lowSum;
        long from = 0;
        for (int pair = 0; pair < k / (2 * GROUP); pair++) {
            long tops = at + TOP_BITS_AT + Q5_BYTES * (long) (pair >> 2);
            long halves = tops + Q5_HALVES_AT - TOP_BITS_AT + GROUP * (pair & 3);
            int scale = SCALES + (pair >> 2 << 3) + ((pair & 1) << 2) + (pair >> 1 & 1);
            FloatVector low = FloatVector.zero(FLOATS);
            FloatVector high = low;
            for (int i = 0; i < GROUP; i += LANES) {
                IntVector both = (IntVector) ByteVector.fromMemorySegment(BYTES, weights, halves + (i & LOADS), LITTLE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
                IntVector top = ((IntVector) ByteVector.fromMemorySegment(BYTES, weights, tops + (i & LOADS), LITTLE)
                                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS))
                        .lanewise(VectorOperators.LSHR, 2 * (pair & 3));
                long xAt = from + i * Float.BYTES;
                low = ((FloatVector) both.and(0xF)
                                .or(top.lanewise(VectorOperators.LSHL, 4).and(0x10))
                                .convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt, LITTLE), low);
                high = ((FloatVector) both.lanewise(VectorOperators.LSHR, 4)
                                .or(top.lanewise(VectorOperators.LSHL, 3).and(0x10))
                                .convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt + GROUP_BYTES, LITTLE), high);
            }
            lowSum = low.fma(FloatVector.broadcast(FLOATS, work[scale]), lowSum);
            highSum = high.fma(FloatVector.broadcast(FLOATS, work[scale + 2]), highSum);
            from += 2 * GROUP_BYTES;
        }
        lowSum.add(highSum).intoArray(work, 0);
        return VectorBlockRows.sum(work);
    }

    /// Puts `d·s` of all groups of a row into the array, block by block in the order of [SuperBlockScales].
    ///
    /// @return `Σ m·t·Σ x`
    static float putScales(MemorySegment weights, long at, int bytes, int k, MemorySegment x, float[] work) {
        FloatVector sum = FloatVector.zero(SuperBlockScales.FLOATS);
        long from = (long) k * Float.BYTES;
        for (int group = 0; group < k / GROUP; group += SuperBlockScales.LANES) {
            long block = at + (group >> 3) * (long) bytes;
            int shift = (group & 7) * 4;
            float d = Float.float16ToFloat(weights.get(SHORT, block));
            float m = Float.float16ToFloat(weights.get(SHORT, block + 2));
            long s = SuperBlockScales.scales(weights, block) >>> shift;
            long t = SuperBlockScales.minima(weights, block) >>> shift;
            ((FloatVector) LongVector.broadcast(SuperBlockScales.LONGS, s)
                            .reinterpretAsInts()
                            .lanewise(VectorOperators.LSHR, SuperBlockScales.SHIFTS)
                            .and(SuperBlockScales.MASK)
                            .convert(VectorOperators.I2F, 0))
                    .mul(d)
                    .intoArray(work, SCALES + group);
            sum = ((FloatVector) LongVector.broadcast(SuperBlockScales.LONGS, t)
                            .reinterpretAsInts()
                            .lanewise(VectorOperators.LSHR, SuperBlockScales.SHIFTS)
                            .and(SuperBlockScales.MASK)
                            .convert(VectorOperators.I2F, 0))
                    .mul(m)
                    .fma(FloatVector.fromMemorySegment(SuperBlockScales.FLOATS, x, from, LITTLE), sum);
            from += SuperBlockScales.LANES * Float.BYTES;
        }
        sum.intoArray(work, 0);
        float total = 0;
        for (int i = 0; i < SuperBlockScales.LANES; i++) {
            total += work[i];
        }
        return total;
    }
}
