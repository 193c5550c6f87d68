package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Q4_K and Q5_K: 256 elements in 8 groups of 32, `x = d·s·q - m·t` with 6-bit `s`, `t` per group.
///
/// Bytes: `d`, `m` (16-bit floats); 12 bytes of `s` and `t`; for 5 bits 32 bytes of top bits, bit `g` of byte `i` for
/// element `i` of group `g`; 128 bytes of lower halves, byte `32·p + i` holding element `i` of groups `2p` (low) and
/// `2p + 1` (high).
///
/// The 12 bytes: for g < 4 the low 6 bits of byte `g` are `s`, of byte `4 + g` are `t`; for g ≥ 4 byte `4 + g` holds the
/// low halves of `s` and `t`, and the two top bits of bytes `g - 4` and `g` their upper bits.
final class SuperBlockCodec implements BlockCodec {
    private static final int GROUPS = 8;
    private static final int GROUP = 32;
    private static final int SCALES = 4;
    private static final int TOP_BITS = 16;

    private final boolean fiveBits;
    private final int halves;
    private final int largest;

    SuperBlockCodec(int bits) {
        fiveBits = bits == 5;
        halves = fiveBits ? TOP_BITS + GROUP : TOP_BITS;
        largest = (1 << bits) - 1;
    }

    private static int unsigned(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    private static int scale(MemorySegment segment, long at, int group) {
        long bytes = at + SCALES;
        return group < 4
                ? unsigned(segment, bytes + group) & 63
                : (unsigned(segment, bytes + 4 + group) & 0xF) | (unsigned(segment, bytes + group - 4) >> 6 << 4);
    }

    private static int minimum(MemorySegment segment, long at, int group) {
        long bytes = at + SCALES;
        return group < 4
                ? unsigned(segment, bytes + 4 + group) & 63
                : (unsigned(segment, bytes + 4 + group) >> 4) | (unsigned(segment, bytes + group) >> 6 << 4);
    }

    @Override
    public void decode(MemorySegment segment, long at, float[] out, int outOffset) {
        float d = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at));
        float m = Float.float16ToFloat(segment.get(BlockFormat.SHORT, at + 2));
        for (int g = 0; g < GROUPS; g++) {
            float scale = d * scale(segment, at, g);
            float minimum = m * minimum(segment, at, g);
            for (int i = 0; i < GROUP; i++) {
                int q = (unsigned(segment, at + halves + GROUP * (g / 2) + i) >> (4 * (g % 2))) & 0xF;
                if (fiveBits) {
                    q |= ((unsigned(segment, at + TOP_BITS + i) >> g) & 1) << 4;
                }
                out[outOffset + g * GROUP + i] = scale * q - minimum;
            }
        }
    }

    @Override
    public void encode(float[] values, int offset, MemorySegment segment, long at) {
        float[] steps = new float[GROUPS];
        float[] lows = new float[GROUPS];
        float largestStep = 0;
        float largestLow = 0;
        for (int g = 0; g < GROUPS; g++) {
            float low = 0;
            float high = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < GROUP; i++) {
                low = Math.min(low, values[offset + g * GROUP + i]);
                high = Math.max(high, values[offset + g * GROUP + i]);
            }
            lows[g] = -low;
            steps[g] = Math.max(0, high - low) / largest;
            largestStep = Math.max(largestStep, steps[g]);
            largestLow = Math.max(largestLow, lows[g]);
        }
        short d = Float.floatToFloat16(largestStep / 63);
        short m = Float.floatToFloat16(largestLow / 63);
        segment.asSlice(at, halves + GROUPS / 2 * GROUP).fill((byte) 0);
        segment.set(BlockFormat.SHORT, at, d);
        segment.set(BlockFormat.SHORT, at + 2, m);
        for (int g = 0; g < GROUPS; g++) {
            // Rounded up, so that the group's range stays covered.
            int s = sixBits(Math.ceil(divide(steps[g], Float.float16ToFloat(d))));
            int t = sixBits(Math.rint(divide(lows[g], Float.float16ToFloat(m))));
            putScales(segment, at, g, s, t);
            float scale = Float.float16ToFloat(d) * s;
            float minimum = Float.float16ToFloat(m) * t;
            for (int i = 0; i < GROUP; i++) {
                float scaled = divide(values[offset + g * GROUP + i] + minimum, scale);
                putElement(segment, at, g, i, Math.clamp(Math.round(scaled), 0, largest));
            }
        }
    }

    private static float divide(float a, float b) {
        return b == 0 ? 0 : a / b;
    }

    private static int sixBits(double value) {
        return Math.clamp((long) value, 0, 63);
    }

    private static void putScales(MemorySegment segment, long at, int group, int s, int t) {
        long bytes = at + SCALES;
        if (group < 4) {
            or(segment, bytes + group, s);
            or(segment, bytes + 4 + group, t);
        } else {
            or(segment, bytes + 4 + group, (s & 0xF) | ((t & 0xF) << 4));
            or(segment, bytes + group - 4, s >> 4 << 6);
            or(segment, bytes + group, t >> 4 << 6);
        }
    }

    private void putElement(MemorySegment segment, long at, int group, int i, int q) {
        or(segment, at + halves + GROUP * (group / 2) + i, (q & 0xF) << (4 * (group % 2)));
        if (fiveBits) {
            or(segment, at + TOP_BITS + i, q >> 4 << group);
        }
    }

    private static void or(MemorySegment segment, long at, int bits) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) (segment.get(ValueLayout.JAVA_BYTE, at) | bits));
    }
}
