package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Products with weights in blocks, at every width of vectors, against a product in double precision.
class BlockProductTest {
    private static final float CANARY = 77.5f;

    private static float[] uniform(int seed, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Randomness.uniform(seed, i) * 2 - 1;
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void few_rows_and_many_rows_agree_with_the_decoded_weights(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (BlockFormat format : BlockFormat.values()) {
            for (int m : new int[] {1, 3, 16, 17, 40}) {
                check(kernels, format, m, 37, 512, Epilogue.ASSIGN);
            }
            check(kernels, format, 1, 130, 256, Epilogue.ASSIGN);
            check(kernels, format, 2, 130, 256, Epilogue.ASSIGN);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void rows_of_floats_may_have_any_length(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (BlockFormat format : new BlockFormat[] {BlockFormat.F32, BlockFormat.F16, BlockFormat.BF16}) {
            for (int k : new int[] {1, 7, 31, 33, 63, 64, 65, 127, 129, 200}) {
                check(kernels, format, 1, 5, k, Epilogue.ASSIGN);
                check(kernels, format, 2, 5, k, Epilogue.ASSIGN);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void rows_may_end_within_a_chunk(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (BlockFormat format : BlockFormat.values()) {
            for (int k = 32; format.blockElements() <= 32 && k < 800; k += 96) {
                check(kernels, format, 1, 21, k, Epilogue.ASSIGN);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void bias_residual_and_accumulation_are_applied(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] bias = uniform(8, 40);
        float[] residual = uniform(9, 20 * 50);
        for (int m : new int[] {1, 2, 20}) {
            check(kernels, BlockFormat.Q8_0, m, 33, 256, new Epilogue(false, bias, 3, residual, 4, 45, null));
            check(kernels, BlockFormat.Q8_0, m, 33, 256, Epilogue.ACCUMULATE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void an_activation_is_applied_beside_the_product(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        // One row, few and many rows; more columns than a worker takes at a time.
        for (int m : new int[] {1, 2, 20}) {
            for (int n : new int[] {33, 300}) {
                float[] expected = activated(Kernels.reference(), m, n);
                assertThat(activated(kernels, m, n))
                        .as("%s, %d x %d", kernels.name(), m, n)
                        .containsExactly(expected, within(1e-4f));
            }
        }
    }

    private static float[] activated(Kernels kernels, int m, int n) {
        int k = 64;
        float[] weights = uniform(3, n * k);
        float[] out = new float[3 + m * (n + 2)];
        Epilogue epilogue = new Epilogue(
                false, uniform(8, n), 0, null, 0, 0, new Epilogue.Activated(Activation.SILU, out, 3, n + 2));
        try (Arena arena = Arena.ofShared();
                Workers workers = Workers.of(2)) {
            MemorySegment segment = arena.allocate(BlockFormat.Q8_0.bytes((long) n * k), 1);
            BlockFormat.Q8_0.encode(weights, 0, segment, 0, n * k);
            kernels.blocks()
                    .product(
                            workers,
                            m,
                            n,
                            k,
                            uniform(4, m * k),
                            0,
                            k,
                            BlockFormat.Q8_0,
                            segment,
                            0,
                            new float[m * n],
                            0,
                            n,
                            epilogue);
        }
        return out;
    }

    private static void check(Kernels kernels, BlockFormat format, int m, int n, int k, Epilogue epilogue) {
        float[] weights = uniform(3, n * k);
        float[] a = uniform(4, 5 + m * (k + 3));
        float[] c = new float[2 + m * (n + 4)];
        Arrays.fill(c, CANARY);
        float[] expected = c.clone();
        float[] decoded = new float[n * k];
        try (Arena arena = Arena.ofShared();
                Workers workers = Workers.of(2)) {
            MemorySegment segment = arena.allocate(10 + format.bytes((long) n * k), 1);
            format.encode(weights, 0, segment, 10, n * k);
            format.decode(segment, 10, decoded, 0, n * k);
            kernels.blocks().product(workers, m, n, k, a, 5, k + 3, format, segment, 10, c, 2, n + 4, epilogue);
            Kernels.reference()
                    .blocks()
                    .product(workers, m, n, k, a, 5, k + 3, format, segment, 10, expected, 2, n + 4, epilogue);
        }
        String place = kernels.name() + " " + format + ", " + m + " x " + n + " x " + k;
        for (int i = 0; i < c.length; i++) {
            int row = (i - 2) / (n + 4);
            int column = (i - 2) % (n + 4);
            if (i < 2 || column >= n) {
                assertThat(c[i]).as("%s, outside, at %d", place, i).isEqualTo(CANARY);
            } else {
                double bound = bound(decoded, column * k, a, 5 + row * (k + 3), k);
                assertThat(c[i]).as("%s, row %d, column %d", place, row, column).isCloseTo(expected[i], within((float)
                        bound));
            }
        }
    }

    /// Rounding of sums; the offsets of integer formats are added and taken away again.
    private static double bound(float[] weights, int at, float[] a, int aAt, int k) {
        double magnitudes = 0;
        double largest = 0;
        for (int p = 0; p < k; p++) {
            magnitudes += Math.abs(weights[at + p] * a[aAt + p]);
            largest = Math.max(largest, Math.abs(weights[at + p]));
        }
        return 1e-6 * magnitudes + 1e-6 * largest * k;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void decodes_as_the_format_does(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (BlockFormat format : BlockFormat.values()) {
            int count = format.blockElements() == 1 ? 101 : 768;
            float[] out = new float[count + 7];
            Arrays.fill(out, CANARY);
            float[] expected = out.clone();
            try (Arena arena = Arena.ofShared()) {
                // Exactly as long as the elements are, so that reading beyond them fails.
                MemorySegment segment = arena.allocate(3 + format.bytes(count));
                format.encode(uniform(6, count), 0, segment, 3, count);
                kernels.blocks().decode(format, segment, 3, out, 4, count);
                format.decode(segment, 3, expected, 4, count);
                assertThatThrownBy(() -> kernels.blocks().decode(format, segment, 4, out, 4, count))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> kernels.blocks().decode(format, segment, 3, out, 8, count))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThat(out).as("%s %s", kernels.name(), format).containsExactly(expected, within(1e-6f));
        }
    }
}
