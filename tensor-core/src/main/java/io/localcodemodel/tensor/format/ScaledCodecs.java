package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Formats of 32 elements under one scale.
final class ScaledCodecs {
    private static final int ELEMENTS = 32;

    private ScaledCodecs() {}

    /// The scale, then 32 signed bytes.
    static final class Q8 implements BlockCodec {
        @Override
        public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
            float d = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at));
            for (int i = 0; i < ELEMENTS; i++) {
                out[outOffset + i] = d * segment.get(ValueLayout.JAVA_BYTE, at + 2 + i);
            }
        }

        /// `d = max|x|/127`.
        @Override
        public void encode(float[] values, int offset, MemorySegment segment, long at) {
            float largest = 0;
            for (int i = 0; i < ELEMENTS; i++) {
                largest = Math.max(largest, Math.abs(values[offset + i]));
            }
            float d = largest / 127;
            float inverse = d == 0 ? 0 : 1 / d;
            segment.set(BlockFormat.SHORT, at, Float.floatToFloat16(d));
            for (int i = 0; i < ELEMENTS; i++) {
                byte q = (byte) Math.round(values[offset + i] * inverse);
                segment.set(ValueLayout.JAVA_BYTE, at + 2 + i, q);
            }
        }
    }

    /// The scale, then 16 bytes: element i in the low half of byte i, element i + 16 in its high half.
    static final class Q4 implements BlockCodec {
        @Override
        public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
            float d = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at));
            for (int i = 0; i < ELEMENTS / 2; i++) {
                int both = segment.get(ValueLayout.JAVA_BYTE, at + 2 + i);
                out[outOffset + i] = d * ((both & 0xF) - 8);
                out[outOffset + i + ELEMENTS / 2] = d * (((both >> 4) & 0xF) - 8);
            }
        }

        /// The element of largest magnitude becomes -8, so that all 16 values are used.
        @Override
        public void encode(float[] values, int offset, MemorySegment segment, long at) {
            float largest = 0;
            for (int i = 0; i < ELEMENTS; i++) {
                float value = values[offset + i];
                largest = Math.abs(value) > Math.abs(largest) ? value : largest;
            }
            float d = largest / -8;
            float inverse = d == 0 ? 0 : 1 / d;
            segment.set(BlockFormat.SHORT, at, Float.floatToFloat16(d));
            for (int i = 0; i < ELEMENTS / 2; i++) {
                int low = nibble(values[offset + i] * inverse);
                int high = nibble(values[offset + i + ELEMENTS / 2] * inverse);
                segment.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (low | (high << 4)));
            }
        }

        private static int nibble(float scaled) {
            return Math.clamp(Math.round(scaled) + 8, 0, 15);
        }
    }
}
