package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.INT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The scales `s` and minima `t` of the eight groups of a block of Q4_K or Q5_K, 6 bits each, from the 12 bytes that hold
/// them.
///
/// They come as the bytes of one word, group 0 in the lowest byte. To have them as floats, the word is put into every
/// 64-bit lane, 32-bit lanes are shifted by [#SHIFTS] and masked: groups 0, 4, 1, 5, 2, 6, 3, 7 in this order, which
/// [#place] gives.
final class SuperBlockScales {
    static final int GROUPS = 8;
    static final int MASK = 63;
    /// Where the 12 bytes lie in a block.
    static final int BYTES_AT = 4;

    /// Vectors of at most eight floats.
    private static final VectorShape SHAPE =
            VectorShape.forBitSize(Math.min(GROUPS * Float.SIZE, Lanes.FLOATS.vectorBitSize()));

    static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
    static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, SHAPE);
    static final int LANES = FLOATS.length();
    static final IntVector SHIFTS =
            IntVector.fromArray(VectorSpecies.of(int.class, SHAPE), new int[] {0, 0, 8, 8, 16, 16, 24, 24}, 0);

    private SuperBlockScales() {}

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

    /// Where group `g` comes in the order of the lanes.
    static int place(int group) {
        return group % GROUPS < GROUPS / 2 ? 2 * (group % GROUPS) : 2 * (group % GROUPS) - GROUPS + 1;
    }
}
