package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorScaledRows.FLOATS;
import static io.localcodemodel.tensor.kernel.VectorScaledRows.LITTLE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Rows of Q6_K times a [QuantizedInput]. Groups under one scale have 16 elements, so vectors of at most 16 16-bit lanes
/// are used at every width.
final class VectorSixBitRows {
    private static final VectorShape SHAPE = VectorShape.forBitSize(Math.min(256, FLOATS.vectorBitSize()));
    private static final VectorSpecies<Float> NARROW = VectorSpecies.of(float.class, SHAPE);
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SHAPE);
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(SHAPE.vectorBitSize() / 2));
    private static final int SHORT_LANES = SHORTS.length();
    private static final int ELEMENTS = 256;
    private static final int GROUP = 16;
    private static final int UPPER = 128;
    private static final int SCALES = 192;
    private static final int D = 208;
    private static final int BLOCK_BYTES = 210;

    private VectorSixBitRows() {}

    static float dot(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        int inputScales = QuantizedInput.scalesAt(inputAt, k);
        FloatVector sum = FloatVector.zero(NARROW);
        for (int b = 0; b < k / ELEMENTS; b++) {
            long block = at + (long) b * BLOCK_BYTES;
            float d = VectorScaledRows.half(weights, block + D);
            for (int group = 0; group < ELEMENTS / GROUP; group++) {
                int half = group / 8;
                int quarter = group / 2 % 4;
                int within = group % 2 * GROUP;
                long lower = block + 64 * half + 32 * (quarter % 2) + within;
                long upper = block + UPPER + 32 * half + within;
                int first = inputAt + (b * ELEMENTS + group * GROUP) / 2;
                IntVector dot = IntVector.zero(INTS);
                for (int i = 0; i < GROUP; i += SHORT_LANES) {
                    ShortVector low = widened(weights, lower + i)
                            .lanewise(VectorOperators.LSHR, quarter / 2 * 4)
                            .lanewise(VectorOperators.AND, (short) 0xF);
                    ShortVector q = widened(weights, upper + i)
                            .lanewise(VectorOperators.LSHR, 2 * quarter)
                            .lanewise(VectorOperators.AND, (short) 3)
                            .lanewise(VectorOperators.LSHL, 4)
                            .or(low)
                            .sub((short) 32);
                    ShortVector x =
                            FloatVector.fromArray(NARROW, input, first + i / 2).reinterpretAsShorts();
                    dot = dot.add(VectorScaledRows.pairs(q.mul(x)));
                }
                int scale = weights.get(ValueLayout.JAVA_BYTE, block + SCALES + group);
                float factor = d * scale * input[inputScales + (b * ELEMENTS + group * GROUP) / QuantizedInput.GROUP];
                sum = ((FloatVector) dot.convert(VectorOperators.I2F, 0))
                        .lanewise(VectorOperators.FMA, FloatVector.broadcast(NARROW, factor), sum);
            }
        }
        return LaneSum.of((FloatVector) sum.reinterpretShape(FLOATS, 0));
    }

    private static ShortVector widened(MemorySegment weights, long at) {
        return (ShortVector) ByteVector.fromMemorySegment(BYTES, weights, at, LITTLE)
                .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
    }
}
