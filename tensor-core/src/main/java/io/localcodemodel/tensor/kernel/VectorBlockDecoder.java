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

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Whole blocks as floats, in their order: panels of weights for products of several rows.
///
/// As in [VectorBlockRows], the loops call no method of ours and name the class of every vector whose methods they call.
final class VectorBlockDecoder {
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);
    private static final int GROUP = 32;
    /// How far before its elements a vector of a K-quant is loaded. The least that can be loaded are eight bytes, and vectors of 128
    /// bits take half of them. Which half must be a constant without any unrolling, or vectors become objects: the second
    /// where other parts of the block lie before, the first where they lie behind, as in Q6_K.
    private static final int BEFORE = LANES * PARTS;
    /// 2¹¹², see [VectorFloatRows].
    private static final float HALF_SCALE = 0x1p112f;

    private VectorBlockDecoder() {}

    /// As [BlockFormat#decode], of ranges that were checked.
    static void decode(BlockFormat format, MemorySegment segment, long at, float[] out, int to, int count) {
        switch (format) {
            case F32 -> MemorySegment.copy(segment, FLOAT, at, out, to, count);
            case F16 -> f16(segment, at, out, to, count);
            case BF16 -> bf16(segment, at, out, to, count);
            case Q8_0 -> q8(segment, at, out, to, count);
            case Q4_0 -> q4(segment, at, out, to, count);
            case Q4_K -> q4k(segment, at, out, to, count);
            case Q5_K -> q5k(segment, at, out, to, count);
            case Q6_K -> q6k(segment, at, out, to, count);
        }
    }

    /// Infinite and NaN count as finite, see [VectorFloatRows].
    private static void f16(MemorySegment segment, long at, float[] out, int to, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            ((IntVector) ShortVector.fromMemorySegment(SHORTS, segment, at + 2L * i, LITTLE)
                            .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, 13)
                    .and(VectorFloatRows.HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_SCALE)
                    .intoArray(out, to + i);
        }
        BlockFormat.F16.decode(segment, at + 2L * i, out, to + i, count - i);
    }

    private static void bf16(MemorySegment segment, long at, float[] out, int to, int count) {
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            ((IntVector) ShortVector.fromMemorySegment(SHORTS, segment, at + 2L * i, LITTLE)
                            .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(out, to + i);
        }
        BlockFormat.BF16.decode(segment, at + 2L * i, out, to + i, count - i);
    }

    private static void q8(MemorySegment segment, long at, float[] out, int to, int count) {
        for (int end = to + count; to < end; to += GROUP) {
            float d = Float.float16ToFloat(segment.get(SHORT, at));
            for (int i = 0; i < GROUP; i += LANES) {
                ((FloatVector) FLOAT_VECTOR.cast(ByteVector.fromMemorySegment(
                                        BYTES, segment, at + VectorScaledRows.ELEMENTS_AT + (i & LOADS), LITTLE)
                                .convertShape(VectorOperators.B2F, FLOATS, i >> 2 & PARTS)))
                        .mul(d)
                        .intoArray(out, to + i);
            }
            at += VectorScaledRows.Q8_BYTES;
        }
    }

    private static void q4(MemorySegment segment, long at, float[] out, int to, int count) {
        for (int end = to + count; to < end; to += GROUP) {
            float d = Float.float16ToFloat(segment.get(SHORT, at));
            for (int i = 0; i < GROUP / 2; i += LANES) {
                IntVector both = (IntVector) INT_VECTOR.cast(ByteVector.fromMemorySegment(
                                BYTES, segment, at + VectorScaledRows.ELEMENTS_AT + (i & LOADS), LITTLE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, i >> 2 & PARTS));
                ((FloatVector) FLOAT_VECTOR.cast(both.and(0xF).sub(8).convert(VectorOperators.I2F, 0)))
                        .mul(d)
                        .intoArray(out, to + i);
                ((FloatVector) FLOAT_VECTOR.cast(
                                both.lanewise(VectorOperators.LSHR, 4).sub(8).convert(VectorOperators.I2F, 0)))
                        .mul(d)
                        .intoArray(out, to + GROUP / 2 + i);
            }
            at += VectorScaledRows.Q4_BYTES;
        }
    }

    private static void q4k(MemorySegment segment, long at, float[] out, int to, int count) {
        for (int end = to + count; to < end; at += VectorSuperBlockRows.Q4_BYTES) {
            float d = Float.float16ToFloat(segment.get(SHORT, at));
            float m = Float.float16ToFloat(segment.get(SHORT, at + 2));
            long s = SuperBlockScales.scales(segment, at);
            long t = SuperBlockScales.minima(segment, at);
            for (int pair = 0; pair < SuperBlockScales.GROUPS / 2; pair++) {
                long halves = at + VectorSuperBlockRows.Q4_HALVES_AT + GROUP * pair;
                float lowScale = d * (s & SuperBlockScales.MASK);
                float lowMinimum = m * (t & SuperBlockScales.MASK);
                float highScale = d * (s >> 8 & SuperBlockScales.MASK);
                float highMinimum = m * (t >> 8 & SuperBlockScales.MASK);
                for (int i = 0; i < GROUP; i += LANES) {
                    IntVector both = (IntVector)
                            INT_VECTOR.cast(ByteVector.fromMemorySegment(BYTES, segment, halves + i - BEFORE, LITTLE)
                                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, PARTS));
                    ((FloatVector) FLOAT_VECTOR.cast(both.and(0xF).convert(VectorOperators.I2F, 0)))
                            .mul(lowScale)
                            .sub(lowMinimum)
                            .intoArray(out, to + i);
                    ((FloatVector) FLOAT_VECTOR.cast(
                                    both.lanewise(VectorOperators.LSHR, 4).convert(VectorOperators.I2F, 0)))
                            .mul(highScale)
                            .sub(highMinimum)
                            .intoArray(out, to + GROUP + i);
                }
                s >>>= 16;
                t >>>= 16;
                to += 2 * GROUP;
            }
        }
    }

    private static void q5k(MemorySegment segment, long at, float[] out, int to, int count) {
        for (int end = to + count; to < end; at += VectorSuperBlockRows.Q5_BYTES) {
            float d = Float.float16ToFloat(segment.get(SHORT, at));
            float m = Float.float16ToFloat(segment.get(SHORT, at + 2));
            long s = SuperBlockScales.scales(segment, at);
            long t = SuperBlockScales.minima(segment, at);
            for (int pair = 0; pair < SuperBlockScales.GROUPS / 2; pair++) {
                long halves = at + VectorSuperBlockRows.Q5_HALVES_AT + GROUP * pair;
                float lowScale = d * (s & SuperBlockScales.MASK);
                float lowMinimum = m * (t & SuperBlockScales.MASK);
                float highScale = d * (s >> 8 & SuperBlockScales.MASK);
                float highMinimum = m * (t >> 8 & SuperBlockScales.MASK);
                for (int i = 0; i < GROUP; i += LANES) {
                    IntVector both = (IntVector)
                            INT_VECTOR.cast(ByteVector.fromMemorySegment(BYTES, segment, halves + i - BEFORE, LITTLE)
                                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, PARTS));
                    IntVector top = ((IntVector) INT_VECTOR.cast(ByteVector.fromMemorySegment(
                                            BYTES, segment, at + VectorSuperBlockRows.TOP_BITS_AT + i - BEFORE, LITTLE)
                                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, PARTS)))
                            .lanewise(VectorOperators.LSHR, 2 * pair);
                    ((FloatVector) FLOAT_VECTOR.cast(both.and(0xF)
                                    .or(top.lanewise(VectorOperators.LSHL, 4).and(0x10))
                                    .convert(VectorOperators.I2F, 0)))
                            .mul(lowScale)
                            .sub(lowMinimum)
                            .intoArray(out, to + i);
                    ((FloatVector) FLOAT_VECTOR.cast(both.lanewise(VectorOperators.LSHR, 4)
                                    .or(top.lanewise(VectorOperators.LSHL, 3).and(0x10))
                                    .convert(VectorOperators.I2F, 0)))
                            .mul(highScale)
                            .sub(highMinimum)
                            .intoArray(out, to + GROUP + i);
                }
                s >>>= 16;
                t >>>= 16;
                to += 2 * GROUP;
            }
        }
    }

    private static void q6k(MemorySegment segment, long at, float[] out, int to, int count) {
        for (int end = to + count; to < end; at += VectorSixBitRows.BLOCK_BYTES) {
            float d = Float.float16ToFloat(segment.get(SHORT, at + VectorSixBitRows.D_AT));
            for (int half = 0; half < 2; half++) {
                long lower = at + VectorSixBitRows.HALF / 2 * half;
                long upper = at + VectorSixBitRows.UPPER_AT + VectorSixBitRows.QUARTER * half;
                long scales = at + VectorSixBitRows.SCALES_AT + VectorSixBitRows.HALF / VectorSixBitRows.GROUP * half;
                for (int i = 0; i < VectorSixBitRows.QUARTER; i += LANES) {
                    long scale = scales + i / VectorSixBitRows.GROUP;
                    sixBits(segment, lower, upper, 0, d, scale, i, out, to);
                    sixBits(
                            segment,
                            lower + VectorSixBitRows.QUARTER,
                            upper,
                            2,
                            d,
                            scale + 2,
                            i,
                            out,
                            to + VectorSixBitRows.QUARTER);
                }
                to += VectorSixBitRows.HALF;
            }
        }
    }

    /// A vector of the first or of the second quarter of half a block of Q6_K, and one of the quarter after the next: the
    /// lower and the upper halves of the same bytes.
    ///
    /// @param shift of the bits on top of the first: 0 or 2
    private static void sixBits(
            MemorySegment segment, long lower, long upper, int shift, float d, long scale, int i, float[] out, int to) {
        IntVector both = (IntVector) INT_VECTOR.cast(ByteVector.fromMemorySegment(BYTES, segment, lower + i, LITTLE)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0));
        IntVector top = ((IntVector) INT_VECTOR.cast(ByteVector.fromMemorySegment(BYTES, segment, upper + i, LITTLE)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0)))
                .lanewise(VectorOperators.LSHR, shift);
        ((FloatVector) FLOAT_VECTOR.cast(both.and(0xF)
                        .or(top.lanewise(VectorOperators.LSHL, 4).and(0x30))
                        .sub(32)
                        .convert(VectorOperators.I2F, 0)))
                .mul(d * segment.get(ValueLayout.JAVA_BYTE, scale))
                .intoArray(out, to + i);
        ((FloatVector) FLOAT_VECTOR.cast(both.lanewise(VectorOperators.LSHR, 4)
                        .or(top.and(0x30))
                        .sub(32)
                        .convert(VectorOperators.I2F, 0)))
                .mul(d * segment.get(ValueLayout.JAVA_BYTE, scale + 4))
                .intoArray(out, to + 2 * VectorSixBitRows.QUARTER + i);
    }
}
