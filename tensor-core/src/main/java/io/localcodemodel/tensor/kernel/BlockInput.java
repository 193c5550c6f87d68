package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/// A row of input in the order in which the rows of a format read it.
///
/// It lies outside the heap on a boundary of 64 bytes, since the elements of an array begin 16 bytes behind one, where
/// every vector of 64 bytes touches two cache lines; that costs the product of a row in the cache up to a third.
///
/// - F32, Q8_0, Q6_K: as it is.
/// - F16, BF16: vectors of even and of odd elements in turn, as [VectorFloatRows] separates the weights.
/// - Q4_0: each group of 32 elements is followed by one vector, `-8` times the sum of the group's vectors: what the
///   constant in `d·(q - 8)` contributes.
/// - Q4_K, Q5_K: behind all elements the sums of groups of 32, in the order of [SuperBlockScales].
final class BlockInput {
    static final int GROUP = 32;
    /// Bytes from one group of Q4_0 to the next.
    static final int OFFSET_GROUP_BYTES = (GROUP + LANES) * Float.BYTES;

    private static final int ALIGNMENT = 64;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(LITTLE);

    private MemorySegment memory = MemorySegment.NULL;

    /// Prepares a row of `k` elements. What it returns holds until the next row is prepared.
    MemorySegment prepare(BlockFormat format, float[] x, int offset, int k) {
        long bytes = (long) k * Float.BYTES;
        switch (format) {
            case F32, Q8_0, Q6_K -> {
                reserve(bytes);
                MemorySegment.copy(x, offset, memory, FLOAT, 0, k);
            }
            case F16 -> {
                reserve(bytes);
                separate(VectorFloatRows.HALF_SCALE, x, offset, k);
            }
            case BF16 -> {
                reserve(bytes);
                separate(1, x, offset, k);
            }
            case Q4_0 -> {
                reserve((long) k / GROUP * OFFSET_GROUP_BYTES);
                for (int group = 0; group < k / GROUP; group++) {
                    withOffsets(x, offset + group * GROUP, (long) group * OFFSET_GROUP_BYTES);
                }
            }
            case Q4_K, Q5_K -> {
                reserve(bytes + bytes / GROUP);
                MemorySegment.copy(x, offset, memory, FLOAT, 0, k);
                for (int group = 0; group < k / GROUP; group++) {
                    int place = (group & -SuperBlockScales.GROUPS) | SuperBlockScales.place(group);
                    memory.set(FLOAT, bytes + (long) place * Float.BYTES, sum(x, offset + group * GROUP));
                }
            }
        }
        return memory;
    }

    private void reserve(long bytes) {
        if (memory.byteSize() < bytes) {
            memory = Arena.ofAuto().allocate(bytes, ALIGNMENT);
        }
    }

    /// Writes `factor·x` in groups of two vectors: first the even, then the odd elements; a rest keeps its order and its
    /// size.
    private void separate(float factor, float[] x, int offset, int k) {
        int whole = k - k % (2 * LANES);
        for (int i = 0; i < whole; i += 2 * LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                memory.setAtIndex(FLOAT, i + lane, factor * x[offset + i + 2 * lane]);
                memory.setAtIndex(FLOAT, i + LANES + lane, factor * x[offset + i + 2 * lane + 1]);
            }
        }
        MemorySegment.copy(x, offset + whole, memory, FLOAT, (long) whole * Float.BYTES, k - whole);
    }

    private void withOffsets(float[] x, int from, long to) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = 0; i < GROUP; i += LANES) {
            FloatVector values = FloatVector.fromArray(FLOATS, x, from + i);
            values.intoMemorySegment(memory, to + (long) i * Float.BYTES, LITTLE);
            sum = sum.add(values);
        }
        sum.mul(-8).intoMemorySegment(memory, to + GROUP * Float.BYTES, LITTLE);
    }

    private static float sum(float[] x, int from) {
        float sum = 0;
        for (int i = 0; i < GROUP; i++) {
            sum += x[from + i];
        }
        return sum;
    }
}
