package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.BYTES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOAT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LOADS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.PARTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SHORT;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Rows of Q8_0 and Q4_0 times a row of input: `Σ_groups d·Σ q·x`.
final class VectorScaledRows {
    static final int Q8_BYTES = 34;
    static final int Q4_BYTES = 18;
    /// Where the elements of a block begin.
    static final int ELEMENTS_AT = 2;

    private static final int GROUP = 32;
    private static final int GROUP_BYTES = GROUP * Float.BYTES;
    /// The parts of a chunk that the loop of Q8_0 takes at a time, and the blocks of one.
    private static final int PARTS_OF_CHUNK = 2;

    private static final int GROUPS = BlockInput.CHUNK / PARTS_OF_CHUNK / GROUP;

    private static final int Q4_CHUNK_BYTES = BlockInput.CHUNK / GROUP * Q4_BYTES;
    private static final int OFFSETS_AT = BlockInput.CHUNK * Float.BYTES;
    /// The blocks of Q4_0 whose bytes fill a vector: four lanes each.
    private static final int BLOCKS = LANES / 4;

    private static final VectorMask<Integer> FROM_4 = lanesFrom(4);
    private static final VectorMask<Integer> FROM_8 = lanesFrom(8);
    private static final VectorMask<Integer> FROM_12 = lanesFrom(12);
    /// From the lanes at the beginning of a few blocks of Q4_0 those that hold each block's `d`, in either half; and the
    /// shifts that bring it to the upper half.
    private static final VectorShuffle<Integer> SCALES = VectorShuffle.fromOp(INTS, lane -> lane / 4 * Q4_BYTES / 4);

    private static final IntVector SCALE_SHIFTS = IntVector.fromArray(INTS, scaleShifts(), 0);

    private VectorScaledRows() {}

    private static VectorMask<Integer> lanesFrom(int first) {
        return VectorMask.fromLong(INTS, -1L << first);
    }

    private static int[] scaleShifts() {
        int[] shifts = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            shifts[lane] = 16 - lane / 4 * Q4_BYTES % 4 * 8;
        }
        return shifts;
    }

    static void addQ8(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step / PARTS_OF_CHUNK;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector sum0 = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector sum1 = FloatVector.zero(FLOATS);
            for (long from = 0; from < end; from += step) {
                for (int group = 0; group < GROUPS; group += 2) {
                    int block0 = Q8_BYTES * group;
                    int block1 = block0 + Q8_BYTES;
                    int x0 = GROUP_BYTES * group;
                    int x1 = x0 + GROUP_BYTES;
                    FloatVector products0 = FloatVector.zero(FLOATS);
                    FloatVector products1 = products0;
                    for (int i = 0; i < GROUP; i += LANES) {
                        products0 = ((FloatVector) ByteVector.fromMemorySegment(
                                                BYTES, weights, at + block0 + ELEMENTS_AT + (i & LOADS), LITTLE)
                                        .convertShape(VectorOperators.B2F, FLOATS, i >> 2 & PARTS))
                                .fma(
                                        FloatVector.fromMemorySegment(
                                                FLOATS, input, from + x0 + i * Float.BYTES, LITTLE),
                                        products0);
                        products1 = ((FloatVector) ByteVector.fromMemorySegment(
                                                BYTES, weights, at + block1 + ELEMENTS_AT + (i & LOADS), LITTLE)
                                        .convertShape(VectorOperators.B2F, FLOATS, i >> 2 & PARTS))
                                .fma(
                                        FloatVector.fromMemorySegment(
                                                FLOATS, input, from + x1 + i * Float.BYTES, LITTLE),
                                        products1);
                    }
                    sum0 = products0.fma(
                            FloatVector.broadcast(FLOATS, Float.float16ToFloat(weights.get(SHORT, at + block0))), sum0);
                    sum1 = products1.fma(
                            FloatVector.broadcast(FLOATS, Float.float16ToFloat(weights.get(SHORT, at + block1))), sum1);
                }
                at += Q8_BYTES * GROUPS;
            }
            ((FloatVector) FLOAT_VECTOR.cast(sum0)).add(sum1).intoArray(task.sums, row * LANES);
        }
    }

    /// With `q` of 0 to 15; what the -8 contributes is what the sum of a vector of bytes starts from.
    ///
    /// A vector holds the 16 bytes of as many blocks as fit. Between the bytes of two blocks lie two of a scale, so block
    /// `j` comes from a load that is `2·j` bytes further on.
    static void addQ4(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector lowSum = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector highSum = FloatVector.zero(FLOATS);
            for (long from = 0; from < end; from += step) {
                for (int part = 0; part < GROUP / LANES; part++) {
                    int block = part * BLOCKS * Q4_BYTES;
                    IntVector low = (IntVector)
                            INT_VECTOR.cast(IntVector.fromMemorySegment(INTS, weights, at + block + 2, LITTLE));
                    if (LANES > 4) {
                        low = low.blend(IntVector.fromMemorySegment(INTS, weights, at + block + 4, LITTLE), FROM_4);
                    }
                    if (LANES > 8) {
                        low = low.blend(IntVector.fromMemorySegment(INTS, weights, at + block + 6, LITTLE), FROM_8)
                                .blend(IntVector.fromMemorySegment(INTS, weights, at + block + 8, LITTLE), FROM_12);
                    }
                    IntVector high = low.lanewise(VectorOperators.LSHR, 4);
                    FloatVector lowProducts = FloatVector.fromMemorySegment(
                            FLOATS, input, from + OFFSETS_AT + part * VECTOR_BYTES, LITTLE);
                    FloatVector highProducts = FloatVector.zero(FLOATS);
                    for (int i = 0; i < 4; i++) {
                        int xAt = (part * 8 + i * 2) * VECTOR_BYTES;
                        lowProducts = ((FloatVector) low.and(0xF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(FloatVector.fromMemorySegment(FLOATS, input, from + xAt, LITTLE), lowProducts);
                        highProducts = ((FloatVector) high.and(0xF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(
                                        FloatVector.fromMemorySegment(FLOATS, input, from + xAt + VECTOR_BYTES, LITTLE),
                                        highProducts);
                    }
                    FloatVector scales = IntVector.fromMemorySegment(INTS, weights, at + block, LITTLE)
                            .rearrange(SCALES)
                            .lanewise(VectorOperators.LSHL, SCALE_SHIFTS)
                            .lanewise(VectorOperators.ASHR, 3)
                            .and(VectorFloatRows.HALF_BITS)
                            .reinterpretAsFloats();
                    lowSum = lowProducts.fma(scales, lowSum);
                    highSum = highProducts.fma(scales, highSum);
                }
                at += Q4_CHUNK_BYTES;
            }
            ((FloatVector) FLOAT_VECTOR.cast(lowSum)).add(highSum).intoArray(task.sums, row * LANES);
        }
    }
}
