package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.BYTES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.INTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.LOADS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.PARTS;
import static io.localcodemodel.tensor.kernel.VectorBlockRows.SHORT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of Q8_0 and Q4_0 times a row of input: `Σ_groups d·Σ q·x`.
final class VectorScaledRows {
    static final int Q8_BYTES = 34;
    static final int Q4_BYTES = 18;
    /// Where the elements of a block begin.
    static final int ELEMENTS_AT = 2;

    private static final int GROUP = BlockInput.GROUP;

    private VectorScaledRows() {}

    static float dotQ8(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector sum = FloatVector.zero(FLOATS);
        long from = 0;
        for (int group = 0; group < k / GROUP; group++) {
            FloatVector products = FloatVector.zero(FLOATS);
            for (int i = 0; i < GROUP; i += LANES) {
                products = ((FloatVector)
                                ByteVector.fromMemorySegment(BYTES, weights, at + ELEMENTS_AT + (i & LOADS), LITTLE)
                                        .convertShape(VectorOperators.B2F, FLOATS, i >> 2 & PARTS))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, from + i * Float.BYTES, LITTLE), products);
            }
            sum = products.fma(FloatVector.broadcast(FLOATS, Float.float16ToFloat(weights.get(SHORT, at))), sum);
            at += Q8_BYTES;
            from += GROUP * Float.BYTES;
        }
        sum.intoArray(work, 0);
        return VectorBlockRows.sum(work);
    }

    /// With `q` of 0 to 15; what the -8 contributes is what the sum of a group starts from.
    static float dotQ4(MemorySegment weights, long at, int k, MemorySegment x, float[] work) {
        FloatVector lowSum = FloatVector.zero(FLOATS);
        FloatVector highSum = lowSum;
        long from = 0;
        for (int group = 0; group < k / GROUP; group++) {
            FloatVector low = FloatVector.fromMemorySegment(FLOATS, x, from + GROUP * Float.BYTES, LITTLE);
            FloatVector high = FloatVector.zero(FLOATS);
            for (int i = 0; i < GROUP / 2; i += LANES) {
                IntVector both =
                        (IntVector) ByteVector.fromMemorySegment(BYTES, weights, at + ELEMENTS_AT + (i & LOADS), LITTLE)
                                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS);
                long xAt = from + i * Float.BYTES;
                low = ((FloatVector) both.and(0xF).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt, LITTLE), low);
                high = ((FloatVector) both.lanewise(VectorOperators.LSHR, 4).convert(VectorOperators.I2F, 0))
                        .fma(FloatVector.fromMemorySegment(FLOATS, x, xAt + GROUP / 2 * Float.BYTES, LITTLE), high);
            }
            FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat(weights.get(SHORT, at)));
            lowSum = low.fma(scale, lowSum);
            highSum = high.fma(scale, highSum);
            at += Q4_BYTES;
            from += BlockInput.OFFSET_GROUP_BYTES;
        }
        lowSum.add(highSum).intoArray(work, 0);
        return VectorBlockRows.sum(work);
    }
}
