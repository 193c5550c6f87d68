package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.INT;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SHORT;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The scales `s` and minima `t` of the eight groups of a block of Q4_K or Q5_K, 6 bits each, from the 12 bytes that hold
/// them.
///
/// With 16 lanes [#table] makes floats of all of them at once. With fewer they come as the bytes of one word, group 0 in
/// the lowest byte. To have those as floats, the word is put into every 64-bit lane, 32-bit lanes are shifted by [#SHIFTS]
/// and masked: groups 0, 4, 1, 5, 2, 6, 3, 7 in this order, which [#place] gives.
final class SuperBlockScales {
    static final int GROUPS = 8;
    static final int MASK = 63;

    static final VectorSpecies<Long> LONGS = VectorSpecies.of(
            long.class, VectorShape.forBitSize(Math.min(GROUPS * Float.SIZE, Lanes.FLOATS.vectorBitSize())));
    static final IntVector SHIFTS = IntVector.fromArray(
            VectorSpecies.of(int.class, LONGS.vectorShape()), new int[] {0, 0, 8, 8, 16, 16, 24, 24}, 0);

    /// Where the 12 bytes lie in a block.
    private static final int BYTES_AT = 4;
    /// What moving the bits of a 16-bit float multiplies it with, see [InputOrder].
    private static final float SCALE = 0x1p-112f;

    // For the table: which of the first four words of a block (d and m, then the 12 bytes) has the lower bits of a
    // lane's s
    // or t, how far up, and how many; the same for the upper two bits of groups 4 to 7; and for d and m.
    private static final VectorShuffle<Integer> LOWER =
            VectorShuffle.fromOp(INTS, lane -> lane % GROUPS < 4 ? 1 + lane / GROUPS : 3);
    private static final IntVector LOWER_SHIFTS = lanes(lane -> lane % 4 * 8 + (lane < GROUPS + 4 ? 0 : 4));
    private static final IntVector LOWER_BITS = lanes(lane -> lane % GROUPS < 4 ? MASK : 15);
    private static final VectorShuffle<Integer> UPPER = VectorShuffle.fromOp(INTS, lane -> 1 + lane / GROUPS);
    private static final IntVector UPPER_SHIFTS = lanes(lane -> lane % 4 * 8 + 2);
    private static final IntVector UPPER_BITS = lanes(lane -> lane % GROUPS < 4 ? 0 : 0x30);
    private static final VectorShuffle<Integer> D_M = VectorShuffle.fromOp(INTS, lane -> 0);
    private static final IntVector D_M_SHIFTS = lanes(lane -> lane < GROUPS ? 16 : 0);

    private SuperBlockScales() {}

    /// A vector of a value for each lane.
    static IntVector lanes(IntUnaryOperator value) {
        int[] values = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            values[lane] = value.applyAsInt(lane);
        }
        return IntVector.fromArray(INTS, values, 0);
    }

    /// From a vector that begins with a block's first four words: `d·s` of the groups, then `m·t`, all times 2⁻¹¹².
    static FloatVector table(IntVector words) {
        return numbers(words).mul(factors(words));
    }

    /// `s` of the groups, then `t`.
    private static FloatVector numbers(IntVector words) {
        return (FloatVector) words.rearrange(LOWER)
                .lanewise(VectorOperators.LSHR, LOWER_SHIFTS)
                .and(LOWER_BITS)
                .or(words.rearrange(UPPER)
                        .lanewise(VectorOperators.LSHR, UPPER_SHIFTS)
                        .and(UPPER_BITS))
                .convert(VectorOperators.I2F, 0);
    }

    /// `d`, then `m`, times 2⁻¹¹².
    private static FloatVector factors(IntVector words) {
        return words.rearrange(D_M)
                .lanewise(VectorOperators.LSHL, D_M_SHIFTS)
                .lanewise(VectorOperators.ASHR, 3)
                .and(VectorFloatRows.HALF_BITS)
                .reinterpretAsFloats();
    }

    /// The 16-bit float at a place, times 2⁻¹¹².
    static float half(MemorySegment weights, long at) {
        return Float.float16ToFloat(weights.get(SHORT, at)) * SCALE;
    }

    /// The eight `s` of the block at a place.
    static long scales(MemorySegment weights, long block) {
        int first = weights.get(INT, block + BYTES_AT);
        int third = weights.get(INT, block + BYTES_AT + 8);
        int upper = (third & 0x0F0F0F0F) | ((first >>> 2) & 0x30303030);
        return (first & 0x3F3F3F3FL) | ((long) upper << 32);
    }

    /// The eight `t`.
    static long minima(MemorySegment weights, long block) {
        int second = weights.get(INT, block + BYTES_AT + 4);
        int third = weights.get(INT, block + BYTES_AT + 8);
        int upper = ((third >>> 4) & 0x0F0F0F0F) | ((second >>> 2) & 0x30303030);
        return (second & 0x3F3F3F3FL) | ((long) upper << 32);
    }

    /// Where the minimum of group `g` comes among the eight.
    static int place(int group) {
        return LANES == 16 ? group : group < GROUPS / 2 ? 2 * group : 2 * group - GROUPS + 1;
    }
}
