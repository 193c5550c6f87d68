package io.localcodemodel.tensor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Randomness;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockFormatTest {
    /// Largest error of a value, as a share of the largest magnitude in its 256 elements (for floats, of the value).
    private static final Map<BlockFormat, Double> BOUNDS = Map.of(
            BlockFormat.F32,
            0.0,
            BlockFormat.F16,
            0x1p-11,
            BlockFormat.BF16,
            0x1p-8,
            BlockFormat.Q8_0,
            0.5 / 127 + 0x1p-10,
            BlockFormat.Q4_0,
            1.01 / 8,
            BlockFormat.Q4_K,
            2 * (0.5 / 15 + 1.5 / 63),
            BlockFormat.Q5_K,
            2 * (0.5 / 31 + 1.5 / 63),
            BlockFormat.Q6_K,
            1.05 / 32);

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        arena.close();
    }

    private static byte[] half(float value) {
        short bits = Float.floatToFloat16(value);
        return new byte[] {(byte) bits, (byte) (bits >> 8)};
    }

    private static void put(MemorySegment segment, long at, byte... bytes) {
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private static float[] decode(BlockFormat format, MemorySegment segment) {
        float[] out = new float[format.blockElements()];
        format.decode(segment, 0, out, 0, out.length);
        return out;
    }

    @ParameterizedTest
    @EnumSource
    void a_value_comes_back_within_the_bound_of_its_format(BlockFormat format) {
        int count = 1024;
        MemorySegment segment = arena.allocate(format.bytes(count) + 6);
        for (int seed = 0; seed < 20; seed++) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                float spread = (float) Math.pow(4, i / 256 - 2);
                values[i] = spread * (Randomness.uniform(seed, i) * 2 - 1 + (seed % 3 - 1) * 0.3f);
            }
            float[] back = new float[count];
            format.encode(values, 0, segment, 6, count);
            format.decode(segment, 6, back, 0, count);
            for (int i = 0; i < count; i++) {
                double size = Math.abs(values[i]);
                for (int j = i / 256 * 256; format.blockElements() > 1 && j < i / 256 * 256 + 256; j++) {
                    size = Math.max(size, Math.abs(values[j]));
                }
                assertThat(Math.abs(back[i] - values[i]))
                        .isLessThanOrEqualTo((float) Math.max(0x1p-25, BOUNDS.get(format) * size));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void zeros_stay_zeros(BlockFormat format) {
        MemorySegment segment = arena.allocate(format.bytes(256)).fill((byte) 0x5A);
        format.encode(new float[256], 0, segment, 0, 256);
        float[] back = new float[256];
        format.decode(segment, 0, back, 0, 256);
        for (float value : back) {
            assertThat(Math.abs(value)).isEqualTo(0f);
        }
    }

    @Test
    void reads_a_hand_made_block_of_8_bits() {
        MemorySegment segment = arena.allocate(34);
        put(segment, 0, half(0.5f));
        put(segment, 2, (byte) 1, (byte) -127, (byte) 64);
        assertThat(decode(BlockFormat.Q8_0, segment)).startsWith(0.5f, -63.5f, 32f, 0f);
    }

    @Test
    void reads_a_hand_made_block_of_4_bits() {
        MemorySegment segment = arena.allocate(18);
        put(segment, 0, half(2f));
        put(segment, 2, (byte) 0xF0, (byte) 0x3A);
        float[] values = decode(BlockFormat.Q4_0, segment);
        assertThat(values).startsWith(-16f, 4f, -16f);
        assertThat(values[16]).isEqualTo(14f);
        assertThat(values[17]).isEqualTo(-10f);
    }

    @Test
    void reads_a_hand_made_super_block_of_4_bits() {
        MemorySegment segment = arena.allocate(144);
        put(segment, 0, half(0.5f));
        put(segment, 2, half(0.25f));
        // Group 1: s = 5, t = 7. Group 6: s = 0b10_0011, t = 0b01_1010.
        put(segment, 4 + 1, (byte) 5);
        put(segment, 4 + 5, (byte) 7);
        put(segment, 4 + 2, (byte) 0b1000_0000);
        put(segment, 4 + 6, (byte) 0b0100_0000);
        put(segment, 4 + 10, (byte) 0b1010_0011);
        put(segment, 16 + 3, (byte) 0x90);
        put(segment, 16 + 96 + 4, (byte) 0x0C);
        float[] values = decode(BlockFormat.Q4_K, segment);
        assertThat(values[32 + 3]).isEqualTo(0.5f * 5 * 9 - 0.25f * 7);
        assertThat(values[32]).isEqualTo(-0.25f * 7);
        assertThat(values[192 + 4]).isEqualTo(0.5f * 35 * 12 - 0.25f * 26);
    }

    @Test
    void reads_a_hand_made_super_block_of_5_bits() {
        MemorySegment segment = arena.allocate(176);
        put(segment, 0, half(1f));
        put(segment, 2, half(0f));
        put(segment, 4 + 3, (byte) 2);
        // Element 7 of group 3: upper bit 3 of byte 7, high half of byte 32 + 7.
        put(segment, 16 + 7, (byte) 0b0000_1000);
        put(segment, 48 + 32 + 7, (byte) 0x50);
        assertThat(decode(BlockFormat.Q5_K, segment)[96 + 7]).isEqualTo(2f * (16 + 5));
    }

    @Test
    void reads_a_hand_made_super_block_of_6_bits() {
        MemorySegment segment = arena.allocate(210);
        put(segment, 208, half(0.5f));
        for (int i = 0; i < 16; i++) {
            put(segment, 192 + i, (byte) (i - 8));
        }
        // Element 5 of quarter 3 in the second half: groups 8 + 6, high half of byte 64 + 32 + 5, bits 6 and 7.
        put(segment, 64 + 32 + 5, (byte) 0xB0);
        put(segment, 128 + 32 + 5, (byte) 0b1000_0000);
        float[] values = decode(BlockFormat.Q6_K, segment);
        assertThat(values[128 + 96 + 5]).isEqualTo(0.5f * 6 * (32 + 11 - 32));
        assertThat(values[0]).isEqualTo(0.5f * -8 * -32);
    }

    @Test
    void refuses_a_part_of_a_block_and_a_short_segment() {
        assertThatThrownBy(() -> BlockFormat.Q4_K.bytes(128))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Q4_K stores blocks of 256 elements; 128 are no multiple of that");
        MemorySegment segment = arena.allocate(33);
        assertThatThrownBy(() -> BlockFormat.Q8_0.decode(segment, 0, new float[32], 0, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BlockStorage(segment, 0, BlockFormat.Q8_0, 32))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BlockStorage(MemorySegment.ofArray(new byte[64]), 0, BlockFormat.Q8_0, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native or mapped memory");
    }
}
