package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Q6_K: 256 elements in 16 groups of 16, `x = d·s·(q - 32)` with an 8-bit `s` per group.
///
/// Bytes: 128 of lower halves, 64 of upper pairs of bits, 16 scales, `d`. Each half block of 128 elements takes 64 and 32
/// of the first two: with `i < 32` and quarter `r < 4`, element `32·r + i` has its lower half in byte `32·(r mod 2) + i`,
/// low for r < 2 and high otherwise, and its upper bits in bits `2r` and `2r + 1` of byte `i`.
final class SixBitCodec implements BlockCodec {
    private static final int ELEMENTS = 256;
    private static final int GROUP = 16;
    private static final int UPPER = 128;
    private static final int SCALES = 192;
    private static final int BYTES = 210;
    private static final int D = 208;

    private static long halfByte(long at, int element) {
        int r = element % 128 / 32;
        return at + element / 128 * 64 + r % 2 * 32 + element % 32;
    }

    private static int halfShift(int element) {
        return element % 128 / 64 * 4;
    }

    private static long upperByte(long at, int element) {
        return at + UPPER + element / 128 * 32 + element % 32;
    }

    private static int upperShift(int element) {
        return element % 128 / 32 * 2;
    }

    @Override
    public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
        float d = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at + D));
        for (int i = 0; i < ELEMENTS; i++) {
            int low = (segment.get(ValueLayout.JAVA_BYTE, halfByte(at, i)) >> halfShift(i)) & 0xF;
            int high = (segment.get(ValueLayout.JAVA_BYTE, upperByte(at, i)) >> upperShift(i)) & 3;
            int scale = segment.get(ValueLayout.JAVA_BYTE, at + SCALES + i / GROUP);
            out[outOffset + i] = d * scale * ((low | (high << 4)) - 32);
        }
    }

    /// The element of largest magnitude of a group becomes -32, so that all 64 values are used.
    @Override
    public void encode(float[] values, int offset, MemorySegment segment, long at) {
        float[] steps = new float[ELEMENTS / GROUP];
        float largestStep = 0;
        for (int g = 0; g < steps.length; g++) {
            float largest = 0;
            for (int i = 0; i < GROUP; i++) {
                float value = values[offset + g * GROUP + i];
                largest = Math.abs(value) > Math.abs(largest) ? value : largest;
            }
            steps[g] = largest / -32;
            largestStep = Math.max(largestStep, Math.abs(steps[g]));
        }
        short half = Float.floatToFloat16(largestStep / 127);
        float d = Float.float16ToFloat(half);
        segment.asSlice(at, BYTES).fill((byte) 0);
        segment.set(BlockFormat.SHORT, at + D, half);
        for (int g = 0; g < steps.length; g++) {
            int scale = d == 0 ? 0 : Math.clamp(Math.round(steps[g] / d), -128, 127);
            segment.set(ValueLayout.JAVA_BYTE, at + SCALES + g, (byte) scale);
            float step = d * scale;
            for (int i = g * GROUP; i < (g + 1) * GROUP; i++) {
                float scaled = step == 0 ? 0 : values[offset + i] / step;
                int q = Math.clamp(Math.round(scaled) + 32, 0, 63);
                or(segment, halfByte(at, i), (q & 0xF) << halfShift(i));
                or(segment, upperByte(at, i), q >> 4 << upperShift(i));
            }
        }
    }

    private static void or(MemorySegment segment, long at, int bits) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) (segment.get(ValueLayout.JAVA_BYTE, at) | bits));
    }
}
