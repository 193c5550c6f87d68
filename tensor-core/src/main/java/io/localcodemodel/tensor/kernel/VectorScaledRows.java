package io.localcodemodel.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Rows of Q8_0 and Q4_0 times a [QuantizedInput].
///
/// A weight and an input are whole numbers of at most 128 and 127: their product and the sum of two products fit into 16
/// bits. So bytes are widened to 16-bit lanes and multiplied there; two vectors are added, and neighbouring lanes are
/// added into 32-bit lanes by two shifts.
final class VectorScaledRows {
    static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, FLOATS.vectorShape());
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /// As many bytes as there are 16-bit lanes.
    static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

    static final int SHORT_LANES = SHORTS.length();
    static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
    private static final int GROUP = QuantizedInput.GROUP;
    private static final int Q8_BYTES = 34;
    private static final int Q4_BYTES = 18;
    /// Lanes whose products are added in 16 bits.
    private static final int SPAN = Math.min(GROUP, 2 * SHORT_LANES);

    private VectorScaledRows() {}

    static float half(MemorySegment segment, long at) {
        return Float.float16ToFloat(segment.get(SHORT, at));
    }

    /// The `q` of the input from element `i` on.
    static ShortVector input(float[] input, int at, int i) {
        return FloatVector.fromArray(FLOATS, input, at + i / 2).reinterpretAsShorts();
    }

    /// The sums of neighbouring 16-bit lanes in 32-bit lanes.
    static IntVector pairs(ShortVector products) {
        IntVector both = products.reinterpretAsInts();
        return both.lanewise(VectorOperators.ASHR, 16)
                .add(both.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
    }

    static FloatVector multiplyAdd(IntVector dot, float scale, FloatVector sum) {
        return ((FloatVector) dot.convert(VectorOperators.I2F, 0))
                .lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, scale), sum);
    }

    private static ShortVector signed(MemorySegment weights, long at) {
        return (ShortVector)
                ByteVector.fromMemorySegment(BYTES, weights, at, LITTLE).convertShape(VectorOperators.B2S, SHORTS, 0);
    }

    static float dotQ8(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        int scales = QuantizedInput.scalesAt(inputAt, k);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int group = 0; group < k / GROUP; group++) {
            long block = at + (long) group * Q8_BYTES;
            int first = inputAt + group * (GROUP / 2);
            IntVector dot = IntVector.zero(INTS);
            for (int i = 0; i < GROUP; i += SPAN) {
                ShortVector products = signed(weights, block + 2 + i).mul(input(input, first, i));
                if (SPAN > SHORT_LANES) {
                    int next = i + SHORT_LANES;
                    products = products.add(signed(weights, block + 2 + next).mul(input(input, first, next)));
                }
                dot = dot.add(pairs(products));
            }
            sum = multiplyAdd(dot, half(weights, block) * input[scales + group], sum);
        }
        return LaneSum.of(sum);
    }

    /// `Σ d·(q - 8)·s·p = Σ d·s·(Σ q·p - 8·Σ p)`: the second sum is part of the prepared input.
    static float dotQ4(MemorySegment weights, long at, int k, float[] input, int inputAt) {
        int scales = QuantizedInput.scalesAt(inputAt, k);
        int sums = QuantizedInput.sumsAt(inputAt, k);
        FloatVector sum = FloatVector.zero(FLOATS);
        float offsets = 0;
        for (int group = 0; group < k / GROUP; group++) {
            long block = at + (long) group * Q4_BYTES;
            float d = half(weights, block);
            IntVector dot = nibbles(weights, block + 2, input, inputAt + group * (GROUP / 2));
            sum = multiplyAdd(dot, d * input[scales + group], sum);
            offsets = Math.fma(d, input[sums + group], offsets);
        }
        return LaneSum.of(sum) - 8 * offsets;
    }

    /// 16 bytes hold elements 0 to 15 in their low and 16 to 31 in their high halves.
    private static IntVector nibbles(MemorySegment weights, long at, float[] input, int first) {
        if (SHORT_LANES == GROUP) {
            // One vector of both: the bytes twice, the upper lanes shifted.
            ShortVector bytes = (ShortVector) ByteVector.fromMemorySegment(ByteVector.SPECIES_128, weights, at, LITTLE)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, ShortVector.SPECIES_256, 0);
            ShortVector low = bytes.lanewise(VectorOperators.AND, (short) 0xF);
            ShortVector high = bytes.lanewise(VectorOperators.LSHR, 4);
            ShortVector lowInput =
                    FloatVector.fromArray(FloatVector.SPECIES_256, input, first).reinterpretAsShorts();
            ShortVector highInput = FloatVector.fromArray(FloatVector.SPECIES_256, input, first + GROUP / 4)
                    .reinterpretAsShorts();
            ShortVector products = low.mul(lowInput).add(high.mul(highInput));
            return (IntVector) pairs(products).reinterpretShape(INTS, 0);
        }
        IntVector dot = IntVector.zero(INTS);
        for (int i = 0; i < GROUP / 2; i += SHORT_LANES) {
            ShortVector bytes = (ShortVector) ByteVector.fromMemorySegment(BYTES, weights, at + i, LITTLE)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
            ShortVector products = bytes.lanewise(VectorOperators.AND, (short) 0xF)
                    .mul(input(input, first, i))
                    .add(bytes.lanewise(VectorOperators.LSHR, 4).mul(input(input, first, GROUP / 2 + i)));
            dot = dot.add(pairs(products));
        }
        return dot;
    }
}
