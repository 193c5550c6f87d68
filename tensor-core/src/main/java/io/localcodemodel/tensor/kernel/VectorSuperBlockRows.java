package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOAT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INT_VECTOR;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Rows of Q4_K and Q5_K times a row of input; the layout is that of [io.localcodemodel.tensor.format.BlockFormat].
///
/// `Σ (d·s·q - m·t)·x = Σ_groups d·s·Σ q·x - Σ_groups m·t·Σ x`. With 16 lanes one vector, the table, has `d·s` of the
/// eight groups of a block in its lower lanes and `m·t` in its upper ones; the second sum is one multiply-add with it. A
/// vector of bytes then holds two pairs of groups, and the scales of its lower and of its upper halves are permutations
/// of the table. With fewer lanes a vector of bytes lies in one pair, and a scale is the same for all lanes.
final class VectorSuperBlockRows {
    static final int Q4_BYTES = 144;
    static final int Q5_BYTES = 176;
    static final int TOP_BITS_AT = 16;
    static final int Q4_HALVES_AT = 16;
    static final int Q5_HALVES_AT = 48;

    private static final boolean WIDE = LANES == 16;
    private static final int PARTS = 32 / LANES;
    private static final int SUMS_AT = BlockInput.CHUNK * Float.BYTES;
    private static final int LOWER_HALVES = 0x0F0F0F0F;
    private static final int TOP_BITS = 0x10101010;

    // From the table: the groups of the lower and of the upper halves of the first vector of bytes, and the table moved
    // on to those of the next.
    private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(FLOATS, lane -> lane / 8 * 2);
    private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(FLOATS, lane -> lane / 8 * 2 + 1);
    private static final VectorShuffle<Float> NEXT = VectorShuffle.fromOp(FLOATS, lane -> (lane + 4) % LANES);

    // The 32 bytes of top bits in both halves of a vector, each half moved to its pair of groups.
    private static final VectorShuffle<Integer> TWICE = VectorShuffle.fromOp(INTS, lane -> lane % 8);
    private static final IntVector PAIR_SHIFTS = SuperBlockScales.lanes(lane -> lane / 8 * 2);

    private VectorSuperBlockRows() {}

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
                FloatVector table = FloatVector.zero(FLOATS);
                long scales = 0;
                float d = 0;
                if (WIDE) {
                    table = SuperBlockScales.table(
                            (IntVector) INT_VECTOR.cast(IntVector.fromMemorySegment(INTS, weights, at, LITTLE)));
                    lowSum = table.fma(FloatVector.fromMemorySegment(FLOATS, input, from + SUMS_AT, LITTLE), lowSum);
                } else {
                    scales = SuperBlockScales.scales(weights, at);
                    d = SuperBlockScales.half(weights, at);
                    long minima = SuperBlockScales.minima(weights, at);
                    float m = SuperBlockScales.half(weights, at + 2);
                    for (int i = 0; i < SuperBlockScales.GROUPS; i += LANES) {
                        lowSum = ((FloatVector) LongVector.broadcast(SuperBlockScales.LONGS, minima >>> (4 * i))
                                        .reinterpretAsInts()
                                        .lanewise(VectorOperators.LSHR, SuperBlockScales.SHIFTS)
                                        .and(SuperBlockScales.MASK)
                                        .convert(VectorOperators.I2F, 0))
                                .mul(m)
                                .fma(
                                        FloatVector.fromMemorySegment(
                                                FLOATS, input, from + SUMS_AT + (8 + i) * Float.BYTES, LITTLE),
                                        lowSum);
                    }
                }
                for (int part = 0; part < PARTS; part++) {
                    IntVector low = (IntVector) INT_VECTOR.cast(IntVector.fromMemorySegment(
                            INTS, weights, at + Q4_HALVES_AT + part * VECTOR_BYTES, LITTLE));
                    IntVector high = low.lanewise(VectorOperators.LSHR, 4);
                    FloatVector lowProducts = FloatVector.zero(FLOATS);
                    FloatVector highProducts = lowProducts;
                    for (int i = 0; i < 4; i++) {
                        int xAt = (part * 8 + i * 2) * VECTOR_BYTES;
                        lowProducts = ((FloatVector) low.and(0xF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(FloatVector.fromMemorySegment(FLOATS, input, from + xAt, LITTLE), lowProducts);
                        highProducts = ((FloatVector) high.and(0xF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(
                                        FloatVector.fromMemorySegment(FLOATS, input, from + xAt + VECTOR_BYTES, LITTLE),
                                        highProducts);
                    }
                    if (WIDE) {
                        FloatVector known = (FloatVector) FLOAT_VECTOR.cast(table);
                        lowSum = lowProducts.fma(known.rearrange(LOW), lowSum);
                        highSum = highProducts.fma(known.rearrange(HIGH), highSum);
                        table = known.rearrange(NEXT);
                    } else {
                        int shift = part * LANES / 8 * 16;
                        lowSum = lowProducts.fma(
                                FloatVector.broadcast(FLOATS, d * ((scales >>> shift) & SuperBlockScales.MASK)),
                                lowSum);
                        highSum = highProducts.fma(
                                FloatVector.broadcast(FLOATS, d * ((scales >>> (shift + 8)) & SuperBlockScales.MASK)),
                                highSum);
                    }
                }
                at += Q4_BYTES;
            }
            ((FloatVector) FLOAT_VECTOR.cast(lowSum)).add(highSum).intoArray(task.sums, row * LANES);
        }
    }

    /// As [#addQ4]; the fifth bits are put on top of the halves of a whole vector of bytes before they are taken apart.
    static void addQ5(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector lowSum = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector highSum = FloatVector.zero(FLOATS);
            for (long from = 0; from < end; from += step) {
                FloatVector table = FloatVector.zero(FLOATS);
                long scales = 0;
                float d = 0;
                if (WIDE) {
                    table = SuperBlockScales.table(
                            (IntVector) INT_VECTOR.cast(IntVector.fromMemorySegment(INTS, weights, at, LITTLE)));
                    lowSum = table.fma(FloatVector.fromMemorySegment(FLOATS, input, from + SUMS_AT, LITTLE), lowSum);
                } else {
                    scales = SuperBlockScales.scales(weights, at);
                    d = SuperBlockScales.half(weights, at);
                    long minima = SuperBlockScales.minima(weights, at);
                    float m = SuperBlockScales.half(weights, at + 2);
                    for (int i = 0; i < SuperBlockScales.GROUPS; i += LANES) {
                        lowSum = ((FloatVector) LongVector.broadcast(SuperBlockScales.LONGS, minima >>> (4 * i))
                                        .reinterpretAsInts()
                                        .lanewise(VectorOperators.LSHR, SuperBlockScales.SHIFTS)
                                        .and(SuperBlockScales.MASK)
                                        .convert(VectorOperators.I2F, 0))
                                .mul(m)
                                .fma(
                                        FloatVector.fromMemorySegment(
                                                FLOATS, input, from + SUMS_AT + (8 + i) * Float.BYTES, LITTLE),
                                        lowSum);
                    }
                }
                IntVector tops = IntVector.zero(INTS);
                if (WIDE) {
                    tops = ((IntVector) INT_VECTOR.cast(
                                    IntVector.fromMemorySegment(INTS, weights, at + TOP_BITS_AT, LITTLE)))
                            .rearrange(TWICE)
                            .lanewise(VectorOperators.LSHR, PAIR_SHIFTS);
                }
                for (int part = 0; part < PARTS; part++) {
                    IntVector both = (IntVector) INT_VECTOR.cast(IntVector.fromMemorySegment(
                            INTS, weights, at + Q5_HALVES_AT + part * VECTOR_BYTES, LITTLE));
                    IntVector top = WIDE
                            ? ((IntVector) INT_VECTOR.cast(tops)).lanewise(VectorOperators.LSHR, 4 * part)
                            : IntVector.fromMemorySegment(
                                            INTS, weights, at + TOP_BITS_AT + part * VECTOR_BYTES % 32, LITTLE)
                                    .lanewise(VectorOperators.LSHR, part * LANES / 8 * 2);
                    IntVector low = both.and(LOWER_HALVES)
                            .or(top.lanewise(VectorOperators.LSHL, 4).and(TOP_BITS));
                    IntVector high = both.lanewise(VectorOperators.LSHR, 4)
                            .and(LOWER_HALVES)
                            .or(top.lanewise(VectorOperators.LSHL, 3).and(TOP_BITS));
                    FloatVector lowProducts = FloatVector.zero(FLOATS);
                    FloatVector highProducts = lowProducts;
                    for (int i = 0; i < 4; i++) {
                        int xAt = (part * 8 + i * 2) * VECTOR_BYTES;
                        lowProducts = ((FloatVector) low.and(0xFF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(FloatVector.fromMemorySegment(FLOATS, input, from + xAt, LITTLE), lowProducts);
                        highProducts = ((FloatVector) high.and(0xFF << (8 * i)).convert(VectorOperators.I2F, 0))
                                .fma(
                                        FloatVector.fromMemorySegment(FLOATS, input, from + xAt + VECTOR_BYTES, LITTLE),
                                        highProducts);
                    }
                    if (WIDE) {
                        FloatVector known = (FloatVector) FLOAT_VECTOR.cast(table);
                        lowSum = lowProducts.fma(known.rearrange(LOW), lowSum);
                        highSum = highProducts.fma(known.rearrange(HIGH), highSum);
                        table = known.rearrange(NEXT);
                    } else {
                        int shift = part * LANES / 8 * 16;
                        lowSum = lowProducts.fma(
                                FloatVector.broadcast(FLOATS, d * ((scales >>> shift) & SuperBlockScales.MASK)),
                                lowSum);
                        highSum = highProducts.fma(
                                FloatVector.broadcast(FLOATS, d * ((scales >>> (shift + 8)) & SuperBlockScales.MASK)),
                                highSum);
                    }
                }
                at += Q5_BYTES;
            }
            ((FloatVector) FLOAT_VECTOR.cast(lowSum)).add(highSum).intoArray(task.sums, row * LANES);
        }
    }
}
