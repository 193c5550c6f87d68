package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of floats of 32 and 16 bits times a row of input.
///
/// 16-bit weights are loaded two to a 32-bit lane and taken apart with shifts, so the input has its even and its odd
/// elements apart, a vector of each in turn.
///
/// A 16-bit float's exponent and mantissa, moved to where a 32-bit float has them, are its value times 2⁻¹¹². Half of
/// the missing power is in the prepared input, half is applied to the sum, so that neither overflows. Infinite and NaN
/// weights of F16, which no file of weights has, count as finite numbers of at least 65536.
final class VectorFloatRows {
    static final float HALF_SCALE = 0x1p56f;
    /// Sign, and exponent and mantissa of 15 bits, after an arithmetic shift by 3.
    static final int HALF_BITS = 0x8FFFE000;

    private static final int UPPER_HALF = 0xFFFF0000;
    /// The parts of a chunk that the loops of 16-bit weights take at a time, and the bytes of one: few enough that the
    /// compiler leaves the loads in the order of their addresses, which the processor's prefetching depends on.
    private static final int PARTS = 4;

    private static final int PART_BYTES = BlockInput.CHUNK / PARTS * Short.BYTES;

    private VectorFloatRows() {}

    /// A counted loop, unlike the others: it is short enough that the compiler's own unrolling, and its checks of bounds
    /// before the loop, gain more than they cost.
    static void addF32(WeightRows task) {
        MemorySegment weights = task.weights();
        int bytes = (int) task.end;
        MemorySegment x = task.input();
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector sum0 = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector sum1 = FloatVector.zero(FLOATS);
            FloatVector sum2 = sum1;
            FloatVector sum3 = sum1;
            for (int i = 0; i < bytes; i += 4 * VECTOR_BYTES) {
                sum0 = FloatVector.fromMemorySegment(FLOATS, weights, at, LITTLE)
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, i, LITTLE), sum0);
                sum1 = FloatVector.fromMemorySegment(FLOATS, weights, at + VECTOR_BYTES, LITTLE)
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, i + VECTOR_BYTES, LITTLE), sum1);
                sum2 = FloatVector.fromMemorySegment(FLOATS, weights, at + 2 * VECTOR_BYTES, LITTLE)
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, i + 2 * VECTOR_BYTES, LITTLE), sum2);
                sum3 = FloatVector.fromMemorySegment(FLOATS, weights, at + 3 * VECTOR_BYTES, LITTLE)
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, i + 3 * VECTOR_BYTES, LITTLE), sum3);
                at += 4 * VECTOR_BYTES;
            }
            sum0.add(sum1).add(sum2.add(sum3)).intoArray(task.sums, row * LANES);
        }
    }

    static void addBF16(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step / PARTS;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector even0 = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector odd0 = FloatVector.zero(FLOATS);
            FloatVector even1 = odd0;
            FloatVector odd1 = odd0;
            for (long from = 0; from < end; from += step) {
                for (int i = 0; i < PART_BYTES; i += 2 * VECTOR_BYTES) {
                    IntVector first = IntVector.fromMemorySegment(INTS, weights, at + i, LITTLE);
                    IntVector second = IntVector.fromMemorySegment(INTS, weights, at + i + VECTOR_BYTES, LITTLE);
                    even0 = first.lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, input, from + 2 * i, LITTLE), even0);
                    odd0 = first.and(UPPER_HALF)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(FLOATS, input, from + 2 * i + VECTOR_BYTES, LITTLE),
                                    odd0);
                    even1 = second.lanewise(VectorOperators.LSHL, 16)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, input, from + 2 * i + 2 * VECTOR_BYTES, LITTLE),
                                    even1);
                    odd1 = second.and(UPPER_HALF)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, input, from + 2 * i + 3 * VECTOR_BYTES, LITTLE),
                                    odd1);
                }
                at += PART_BYTES;
            }
            even0.add(even1).add(odd0.add(odd1)).intoArray(task.sums, row * LANES);
        }
    }

    static void addF16(WeightRows task) {
        MemorySegment weights = task.weights();
        MemorySegment input = task.input();
        long end = task.end;
        long step = task.step / PARTS;
        for (int row = 0; row < task.rows; row++) {
            long at = task.at + row * task.rowBytes;
            FloatVector even0 = FloatVector.fromArray(FLOATS, task.sums, row * LANES);
            FloatVector odd0 = FloatVector.zero(FLOATS);
            FloatVector even1 = odd0;
            FloatVector odd1 = odd0;
            for (long from = 0; from < end; from += step) {
                for (int i = 0; i < PART_BYTES; i += 2 * VECTOR_BYTES) {
                    IntVector first = IntVector.fromMemorySegment(INTS, weights, at + i, LITTLE);
                    IntVector second = IntVector.fromMemorySegment(INTS, weights, at + i + VECTOR_BYTES, LITTLE);
                    even0 = first.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 3)
                            .and(HALF_BITS)
                            .reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, input, from + 2 * i, LITTLE), even0);
                    odd0 = first.lanewise(VectorOperators.ASHR, 3)
                            .and(HALF_BITS)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(FLOATS, input, from + 2 * i + VECTOR_BYTES, LITTLE),
                                    odd0);
                    even1 = second.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 3)
                            .and(HALF_BITS)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, input, from + 2 * i + 2 * VECTOR_BYTES, LITTLE),
                                    even1);
                    odd1 = second.lanewise(VectorOperators.ASHR, 3)
                            .and(HALF_BITS)
                            .reinterpretAsFloats()
                            .fma(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, input, from + 2 * i + 3 * VECTOR_BYTES, LITTLE),
                                    odd1);
                }
                at += PART_BYTES;
            }
            even0.add(even1).add(odd0.add(odd1)).intoArray(task.sums, row * LANES);
        }
    }
}
