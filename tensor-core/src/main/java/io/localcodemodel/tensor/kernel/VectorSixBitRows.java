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
import jdk.incubator.vector.VectorOperators;

/// Rows of Q6_K times a row of input; the layout is that of [io.localcodemodel.tensor.format.BlockFormat].
///
/// Three loads hold the bits of four vectors of elements, one in each quarter of 32 of half a block. A vector lies in one
/// group of 16 elements; the groups' scales go through an array, from which a broadcast is one load.
final class VectorSixBitRows {
    static final int ELEMENTS = 256;
    static final int HALF = 128;
    static final int QUARTER = 32;
    static final int GROUP = 16;
    static final int UPPER_AT = 128;
    static final int SCALES_AT = 192;
    static final int D_AT = 208;
    static final int BLOCK_BYTES = 210;

    private static final int QUARTER_BYTES = QUARTER * Float.BYTES;

    private VectorSixBitRows() {}

    /// `i` counts the bytes of upper bits: 32 of them belong to half a block. The array has the scales from [#putScales].
    static float dot(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        for (int i = 0; i < k / 4; i += LANES) {
            long block = at + (i >> 6) * (long) BLOCK_BYTES;
            long lower = block + (i & 32) + (i & 63 & LOADS);
            long from = ((i >> 5) * (HALF - QUARTER) + i) * (long) Float.BYTES;
            int scale = SCALES + (i >> 5 << 3) + (i >> 4 & 1);
            IntVector first = (IntVector) ByteVector.fromMemorySegment(BYTES, weights, lower, LITTLE)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
            IntVector second = (IntVector) ByteVector.fromMemorySegment(BYTES, weights, lower + QUARTER, LITTLE)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
            IntVector top = (IntVector)
                    ByteVector.fromMemorySegment(BYTES, weights, block + UPPER_AT + (i & 63 & LOADS), LITTLE)
                            .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
            sum0 = ((FloatVector) first.and(0xF)
                            .or(top.lanewise(VectorOperators.LSHL, 4).and(0x30))
                            .sub(32)
                            .convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromMemorySegment(FLOATS, x, from, LITTLE))
                    .fma(FloatVector.broadcast(FLOATS, work[scale]), sum0);
            sum1 = ((FloatVector) second.and(0xF)
                            .or(top.lanewise(VectorOperators.LSHL, 2).and(0x30))
                            .sub(32)
                            .convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromMemorySegment(FLOATS, x, from + QUARTER_BYTES, LITTLE))
                    .fma(FloatVector.broadcast(FLOATS, work[scale + 2]), sum1);
            sum0 = ((FloatVector) first.lanewise(VectorOperators.LSHR, 4)
                            .or(top.and(0x30))
                            .sub(32)
                            .convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromMemorySegment(FLOATS, x, from + 2 * QUARTER_BYTES, LITTLE))
                    .fma(FloatVector.broadcast(FLOATS, work[scale + 4]), sum0);
            sum1 = ((FloatVector) second.lanewise(VectorOperators.LSHR, 4)
                            .or(top.lanewise(VectorOperators.LSHR, 2).and(0x30))
                            .sub(32)
                            .convert(VectorOperators.I2F, 0))
                    .mul(FloatVector.fromMemorySegment(FLOATS, x, from + 3 * QUARTER_BYTES, LITTLE))
                    .fma(FloatVector.broadcast(FLOATS, work[scale + 6]), sum1);
        }
        sum0.add(sum1).intoArray(work, 0);
        return VectorBlockRows.sum(work);
    }

    /// Puts `d·s` of all groups of a row into the array.
    static void putScales(MemorySegment weights, long at, int k, float[] work) {
        for (int group = 0; group < k / GROUP; group += LANES) {
            long block = at + (group >> 4) * (long) BLOCK_BYTES;
            ((FloatVector) ByteVector.fromMemorySegment(
                                    BYTES, weights, block + SCALES_AT + (group & 15 & LOADS), LITTLE)
                            .convertShape(VectorOperators.B2F, FLOATS, group >> 2 & PARTS))
                    .mul(Float.float16ToFloat(weights.get(SHORT, block + D_AT)))
                    .intoArray(work, SCALES + group);
        }
    }
}
