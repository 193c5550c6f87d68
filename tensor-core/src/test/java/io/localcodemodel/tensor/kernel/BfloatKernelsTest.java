package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Randomness;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The kernels over bfloat16 numbers, bit by bit.
class BfloatKernelsTest {
    private static final int CANARY = 0x4499_8765;
    private static final int[] SPECIAL = {
        0, // zero
        0x8000_0000, // minus zero
        1, // the smallest subnormal number
        0x0000_8000, // a tie between zero and the smallest subnormal bfloat16
        0x0000_8001,
        0x0001_8000, // a tie that goes up to an even one
        0x007F_FFFF, // the largest subnormal number, which becomes a normal one
        0x0080_0000, // the smallest normal number
        0x3F80_8000, // ties next to one: down to an even one
        0x3F81_8000, // and up to an even one
        0xBF81_8000,
        0x3F80_7FFF,
        0x3F80_8001,
        0x7F7F_7FFF, // the largest number that stays finite
        0x7F7F_8000, // a tie with infinity
        0x7F7F_FFFF, // the largest number
        0x7F80_0000, // the infinities
        0xFF80_0000,
        0x7FC0_0000, // NaN
        0x7F80_0001, // a NaN whose set bits are all in the half that goes
        0xFFFF_FFFF // a NaN that would overflow into zero
    };

    /// Every special number, then others of all magnitudes.
    private static float[] numbers(int count, int seed) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] =
                    Float.intBitsToFloat(i < SPECIAL.length ? SPECIAL[i] : (int) Randomness.mix(seed * 1_000_003L + i));
        }
        return numbers;
    }

    private static int bits(float x) {
        return Float.floatToRawIntBits(x);
    }

    @Test
    void rounds_to_the_nearest_and_of_two_to_the_even_one() {
        float[] x = numbers(4000, 1);
        float[] pairs = new float[2000];
        ReferenceBfloat.INSTANCE.roundPairs(x, 0, x, 2000, pairs, 0, 2000);
        float[] rounded = new float[4000];
        ReferenceBfloat.INSTANCE.widen(pairs, 0, 2000, 0, rounded, 0, 4000);
        for (int i = 0; i < x.length; i++) {
            if (Float.isNaN(x[i])) {
                assertThat(rounded[i]).isNaN();
                assertThat(bits(rounded[i]) >>> 31).isEqualTo(bits(x[i]) >>> 31);
            } else if (Float.isInfinite(x[i])) {
                assertThat(rounded[i]).isEqualTo(x[i]);
            } else {
                assertThat(bits(rounded[i])).as("%x", bits(x[i])).isEqualTo(nearest(x[i]));
            }
        }
    }

    /// By the definition: of the two neighbours with 16 zero bits the nearer, or the one whose last bit is 0.
    private static int nearest(float x) {
        int below = bits(x) & 0xFFFF_0000;
        int above = below + 0x1_0000;
        BigDecimal exact = new BigDecimal(x).abs();
        BigDecimal down = exact.subtract(magnitude(below));
        BigDecimal up = magnitude(above).subtract(exact);
        int nearer = down.compareTo(up);
        return nearer < 0 || (nearer == 0 && (below & 0x1_0000) == 0) ? below : above;
    }

    /// Where an infinity would be if it were the next number.
    private static BigDecimal magnitude(int bits) {
        int positive = bits & 0x7FFF_FFFF;
        return positive == 0x7F80_0000 ? new BigDecimal(2).pow(128) : new BigDecimal(Float.intBitsToFloat(positive));
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void vectors_round_and_widen_to_the_bits_of_the_reference(int bits) {
        BfloatKernels vector = KernelsOfWidth.bits(bits).bfloat();
        for (int length : new int[] {0, 1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 100, 3000}) {
            for (int offset : new int[] {0, 1, 5, 16}) {
                float[] first = numbers(offset + length, 2);
                float[] second = numbers(offset + length, 3);
                float[] widest = numbers(length + 20, 4);
                same(
                        length + offset + 7,
                        out -> vector.roundPairs(first, offset, second, offset, out, offset, length),
                        out -> ReferenceBfloat.INSTANCE.roundPairs(first, offset, second, offset, out, offset, length));
                same(
                        length + offset + 7,
                        out -> vector.widenFirst(widest, 3, out, offset, length),
                        out -> ReferenceBfloat.INSTANCE.widenFirst(widest, 3, out, offset, length));
                same(
                        length + offset + 7,
                        out -> vector.widenSecond(widest, 3, out, offset, length),
                        out -> ReferenceBfloat.INSTANCE.widenSecond(widest, 3, out, offset, length));
            }
        }
    }

    private static void same(int size, Consumer<float[]> actual, Consumer<float[]> expected) {
        float[] found = new float[size];
        float[] wanted = new float[size];
        Arrays.fill(found, Float.intBitsToFloat(CANARY));
        Arrays.fill(wanted, Float.intBitsToFloat(CANARY));
        actual.accept(found);
        expected.accept(wanted);
        for (int i = 0; i < size; i++) {
            assertThat(bits(found[i])).as("element %d of %d", i, size).isEqualTo(bits(wanted[i]));
        }
    }

    @Test
    void a_run_is_widened_across_the_middle_of_the_pairs() {
        float[] x = {1, 2, 3, 4, 5, 6, 7};
        float[] pairs = new float[4];
        ReferenceBfloat.INSTANCE.roundPairs(x, 0, x, 4, pairs, 0, 3);
        ReferenceBfloat.INSTANCE.roundPairs(x, 3, x, 3, pairs, 3, 1);
        float[] out = new float[7];
        ReferenceBfloat.INSTANCE.widen(pairs, 0, 4, 0, out, 0, 7);
        assertThat(out).isEqualTo(x);
        ReferenceBfloat.INSTANCE.widen(pairs, 0, 4, 2, out, 0, 3);
        assertThat(out).startsWith(3, 4, 5);
        ReferenceBfloat.INSTANCE.widen(pairs, 0, 4, 5, out, 0, 2);
        assertThat(out).startsWith(6, 7);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128, 256, 512})
    void a_split_float_joins_to_the_same_bits_and_its_high_half_is_the_nearest(int width) {
        BfloatKernels kernels = width == 0
                ? ReferenceBfloat.INSTANCE
                : KernelsOfWidth.bits(width).bfloat();
        for (int length : new int[] {0, 1, 7, 16, 33, 2000}) {
            float[] before = numbers(2 * length + 3, 5);
            float[] x = before.clone();
            kernels.split(x, 1, x, 1 + length, length);
            float[] high = new float[2 * length];
            kernels.widen(x, 1, length, 0, high, 0, 2 * length);
            for (int i = 0; i < high.length; i++) {
                float number = before[1 + i];
                if (Float.isFinite(number) && (bits(number) & 0xFFFF) != 0x8000) {
                    assertThat(bits(high[i])).isEqualTo(nearest(number));
                }
            }
            kernels.join(x, 1, x, 1 + length, length);
            for (int i = 0; i < x.length; i++) {
                assertThat(bits(x[i])).isEqualTo(bits(before[i]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128, 256, 512})
    void a_step_over_split_weights_is_to_join_them_step_and_split_them_again(int width) {
        Kernels kernels = width == 0 ? Kernels.reference() : KernelsOfWidth.bits(width);
        AdamWStep step = new AdamWStep(1e-2f, 0.9f, 0.99f, 1e-8f, 0.1f, 0.5f, 0.2f, 0.25f);
        for (int length : new int[] {0, 1, 3, 4, 16, 21, 100, 1000}) {
            int half = length + 9;
            float[] words = uniform(1, 3 + 2 * half);
            float[] gradient = uniform(2, 4 + 2 * half);
            float[] m = uniform(3, 5 + 2 * half);
            float[] v = squares(uniform(4, 2 * half));
            float[] expectedWords = words.clone();
            float[] expectedM = m.clone();
            float[] expectedV = v.clone();
            kernels.bfloat().join(expectedWords, 3, expectedWords, 3 + half, length);
            for (int from : new int[] {0, half}) {
                kernels.adamW(
                        expectedWords,
                        3 + from,
                        gradient,
                        4 + from,
                        expectedM,
                        5 + from,
                        expectedV,
                        from,
                        length,
                        step);
            }
            kernels.bfloat().split(expectedWords, 3, expectedWords, 3 + half, length);

            kernels.bfloat().adamW(words, 3, gradient, 4, m, 5, v, 0, half, length, step);
            assertThat(asBits(words)).isEqualTo(asBits(expectedWords));
            assertThat(asBits(m)).isEqualTo(asBits(expectedM));
            assertThat(asBits(v)).isEqualTo(asBits(expectedV));
        }
    }

    private static float[] squares(float[] x) {
        float[] squares = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            squares[i] = x[i] * x[i];
        }
        return squares;
    }

    private static int[] asBits(float[] words) {
        return IntStream.range(0, words.length).map(i -> bits(words[i])).toArray();
    }

    @ParameterizedTest
    @CsvSource({"128,16", "256,16", "512,32"})
    void a_product_reads_pairs_as_the_floats_they_stand_for(int bits, int registers) {
        BfloatKernels kernels = KernelsOfWidth.bits(bits, registers).bfloat();
        try (Workers workers = Workers.of(2)) {
            for (Layout layout : Layout.values()) {
                for (int k : new int[] {4096, 4099, 6001}) {
                    product(kernels, workers, layout, 5, 31, k);
                }
                for (int m : new int[] {1, 5, 24, 70}) {
                    for (int n : new int[] {1, 31, 32, 75, 200}) {
                        for (int k : new int[] {1, 19, 400}) {
                            product(kernels, workers, layout, m, n, k);
                        }
                    }
                }
            }
        }
    }

    private static void product(BfloatKernels kernels, Workers workers, Layout layout, int m, int n, int k) {
        float[] a = uniform(1, m * k);
        float[] b = uniform(2, n * k);
        float[] bias = uniform(3, n);
        int half = Math.ceilDiv(n * k, 2);
        float[] pairs = new float[half + 5];
        kernels.roundPairs(b, 0, b, half, pairs, 5, n * k - half);
        kernels.roundPairs(b, half - 1, b, half - 1, pairs, 5 + half - 1, 1);
        if (n * k % 2 == 0) {
            kernels.roundPairs(b, half - 1, b, n * k - 1, pairs, 5 + half - 1, 1);
        }
        int aStride = layout == Layout.TN ? m : k;
        for (Epilogue epilogue : new Epilogue[] {Epilogue.ASSIGN, Epilogue.ACCUMULATE, Epilogue.bias(bias, 0)}) {
            float[] expected = uniform(4, m * n);
            float[] actual = expected.clone();
            ReferenceBfloat.INSTANCE.product(
                    workers, layout, m, n, k, a, 0, aStride, pairs, 5, expected, 0, n, epilogue);
            kernels.product(workers, layout, m, n, k, a, 0, aStride, pairs, 5, actual, 0, n, epilogue);
            for (int i = 0; i < actual.length; i++) {
                assertThat(Math.abs(actual[i] - expected[i]))
                        .as("%s %dx%dx%d at %d", layout, m, n, k, i)
                        .isLessThanOrEqualTo(1e-6f * (1 + (float) Math.sqrt(k)));
            }
        }
    }

    private static float[] uniform(int seed, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }
}
