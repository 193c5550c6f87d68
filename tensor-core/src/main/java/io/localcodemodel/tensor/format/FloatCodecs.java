package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;

/// Formats whose blocks are single floats.
final class FloatCodecs {
    private FloatCodecs() {}

    static final class F32 implements BlockCodec {
        @Override
        public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
            out[outOffset] = segment.get(BlockFormat.FLOAT, at);
        }

        @Override
        public void encode(float[] values, int offset, MemorySegment segment, long at) {
            segment.set(BlockFormat.FLOAT, at, values[offset]);
        }
    }

    static final class F16 implements BlockCodec {
        @Override
        public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
            out[outOffset] = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at));
        }

        @Override
        public void encode(float[] values, int offset, MemorySegment segment, long at) {
            segment.set(BlockFormat.SHORT, at, Float.floatToFloat16(values[offset]));
        }
    }

    static final class BF16 implements BlockCodec {
        @Override
        public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
            out[outOffset] = Float.intBitsToFloat(segment.get(BlockFormat.SHORT, at) << 16);
        }

        /// Rounds to the nearest, ties to even; NaN stays NaN.
        @Override
        public void encode(float[] values, int offset, MemorySegment segment, long at) {
            int bits = Float.floatToIntBits(values[offset]);
            boolean nan = Float.isNaN(values[offset]);
            int rounded = nan ? bits : bits + 0x7FFF + ((bits >>> 16) & 1);
            segment.set(BlockFormat.SHORT, at, (short) (rounded >>> 16));
        }
    }
}
