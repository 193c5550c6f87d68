package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.BYTES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOAT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SHORT;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Rows of Q6_K times a row of input; the layout is that of [io.localcodemodel.tensor.format.BlockFormat].
///
/// Each half of a block has 64 bytes of lower halves for four quarters of 32 elements, and 32 bytes with the upper bits of
/// all four. The lower halves of the first 32 bytes are quarter 0, of the others quarter 1, the upper halves quarters 2
/// and 3. A group of 16 elements is four lanes.
final class VectorSixBitRows {
    static final int HALF = 128;
    static final int QUARTER = 32;
    static final int GROUP = 16;
    static final int UPPER_AT = 128;
    static final int SCALES_AT = 192;
    static final int D_AT = 208;
    static final int BLOCK_BYTES = 210;

    private static final boolean WIDE = LANES == 16;
    /// Vectors of bytes of lower halves in a block and in half of one.
    private static final int PARTS = 32 / LANES;

    private static final int HALF_PARTS = PARTS / 2;
    private static final int SUMS_AT = BlockInput.CHUNK * Float.BYTES;
    private static final int LOWER_HALVES = 0x0F0F0F0F;
    private static final int UPPER_BITS = 0x30303030;

    // From the scales: those of the lower and of the upper halves of the first vector of bytes, and the scales moved on
    // to
    // those of the next.
    private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(FLOATS, lane -> lane / 4);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(FLOATS, lane -> (4 + lane / 4) % LANES);
    private static final VectorShuffle<Float> NEXT =
            VectorShuffle.fromOp(FLOATS, lane -> (lane + (WIDE ? 8 : 2)) % LANES);

    // The 32 bytes of upper bits of the first half of a block twice, the second 32 moved there, and each moved to its
    // quarter.
    private static final VectorShuffle<Integer> TWICE = VectorShuffle.fromOp(INTS, lane -> lane % 8);
    private static final VectorShuffle<Integer> SECOND = VectorShuffle.fromOp(INTS, lane -> (lane % 8 + 8) % LANES);
    private static final IntVector QUARTER_SHIFTS = SuperBlockScales.lanes(lane -> lane / 8 * 2);

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(LITTLE);

    private VectorSixBitRows() {}

    static void add(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector lowSum = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector highSum = FloatVector.zero(FLOATS);
            for (long from = 0; from < end; from += step) {
                float d = Float.float16ToFloat(weights.get(SHORT, at + D_AT));
                FloatVector scales = FloatVector.zero(FLOATS);
                IntVector tops = IntVector.zero(INTS);
                if (WIDE) {
                    scales = ((FloatVector) ByteVector.fromMemorySegment(BYTES, weights, at + SCALES_AT, LITTLE)
                                    .convertShape(VectorOperators.B2F, FLOATS, 0))
                            .mul(d);
                    lowSum = scales.fma(FloatVector.fromMemorySegment(FLOATS, input, from + SUMS_AT, LITTLE), lowSum);
                    tops = IntVector.fromMemorySegment(INTS, weights, at + UPPER_AT, LITTLE);
                }
                for (int part = 0; part < PARTS; part++) {
                    int half = part / HALF_PARTS;
                    int inHalf = part % HALF_PARTS;
                    if (LANES == 8 && inHalf == 0) {
                        scales = ((FloatVector)
                                        ByteVector.fromMemorySegment(BYTES, weights, at + SCALES_AT + 8 * half, LITTLE)
                                                .convertShape(VectorOperators.B2F, FLOATS, 0))
                                .mul(d);
                        lowSum = scales.fma(
                                FloatVector.fromMemorySegment(
                                        FLOATS, input, from + SUMS_AT + half * VECTOR_BYTES, LITTLE),
                                lowSum);
                    }
                    IntVector both = (IntVector) INT_VECTOR.cast(
                            IntVector.fromMemorySegment(INTS, weights, at + part * VECTOR_BYTES, LITTLE));
                    IntVector top = WIDE
                            ? ((IntVector) INT_VECTOR.cast(tops))
                                    .rearrange(part == 0 ? TWICE : SECOND)
                                    .lanewise(VectorOperators.LSHR, QUARTER_SHIFTS)
                            : IntVector.fromMemorySegment(
                                            INTS,
                                            weights,
                                            at + UPPER_AT + half * QUARTER + inHalf * VECTOR_BYTES % QUARTER,
                                            LITTLE)
                                    .lanewise(VectorOperators.LSHR, inHalf * LANES / 8 * 2);
                    IntVector low = both.and(LOWER_HALVES)
                            .or(top.lanewise(VectorOperators.LSHL, 4).and(UPPER_BITS));
                    IntVector high = both.lanewise(VectorOperators.LSHR, 4)
                            .and(LOWER_HALVES)
                            .or(top.and(UPPER_BITS));
                    FloatVector lowProducts = FloatVector.zero(FLOATS);
                    FloatVector highProducts = lowProducts;
                    if (LANES == 4) {
                        lowProducts = FloatVector.broadcast(
                                FLOATS, input.get(FLOAT, from + SUMS_AT + (8 * half + inHalf) * 4L) / 4);
                        highProducts = FloatVector.broadcast(
                                FLOATS, input.get(FLOAT, from + SUMS_AT + (8 * half + 4 + inHalf) * 4L) / 4);
                    }
                    for (int i = 0; i < 4; i++) {
                        int xAt = (part * 8 + i * 2) * VECTOR_BYTES;
                        lowProducts = ((FloatVector) low.and(0xFF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(FloatVector.fromMemorySegment(FLOATS, input, from + xAt, LITTLE), lowProducts);
                        highProducts = ((FloatVector) high.and(0xFF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(
                                        FloatVector.fromMemorySegment(FLOATS, input, from + xAt + VECTOR_BYTES, LITTLE),
                                        highProducts);
                    }
                    if (LANES == 4) {
                        lowSum = lowProducts.fma(
                                FloatVector.broadcast(
                                        FLOATS,
                                        d * weights.get(ValueLayout.JAVA_BYTE, at + SCALES_AT + 8 * half + inHalf)),
                                lowSum);
                        highSum = highProducts.fma(
                                FloatVector.broadcast(
                                        FLOATS,
                                        d * weights.get(ValueLayout.JAVA_BYTE, at + SCALES_AT + 8 * half + 4 + inHalf)),
                                highSum);
                    } else {
                        FloatVector known = (FloatVector) FLOAT_VECTOR.cast(scales);
                        lowSum = lowProducts.fma(known.rearrange(LOW), lowSum);
                        highSum = highProducts.fma(known.rearrange(HIGH), highSum);
                        scales = known.rearrange(NEXT);
                    }
                }
                at += BLOCK_BYTES;
            }
            ((FloatVector) FLOAT_VECTOR.cast(lowSum)).add(highSum).intoArray(task.sums, row * LANES);
        }
    }
}
