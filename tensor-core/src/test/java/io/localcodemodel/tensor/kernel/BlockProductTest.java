package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
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
            check(kernels, format, 2, 130, 256, Epilogue.ASSIGN);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void rows_of_floats_may_have_any_length(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (BlockFormat format : new BlockFormat[] {BlockFormat.F32, BlockFormat.F16, BlockFormat.BF16}) {
            for (int k : new int[] {1, 7, 31, 33, 63, 64, 65, 127, 129, 200}) {
                check(kernels, format, 2, 5, k, Epilogue.ASSIGN);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void bias_residual_and_accumulation_are_applied(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] bias = uniform(8, 40);
        float[] residual = uniform(9, 20 * 50);
        for (int m : new int[] {2, 20}) {
            check(kernels, BlockFormat.Q8_0, m, 33, 256, new Epilogue(false, bias, 3, residual, 4, 45));
            check(kernels, BlockFormat.Q8_0, m, 33, 256, Epilogue.ACCUMULATE);
        }
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
            MemorySegment segment = arena.allocate(10 + format.bytes((long) n * k));
            format.encode(weights, 0, segment, 10, n * k);
            format.decode(segment, 10, decoded, 0, n * k);
            kernels.blockProduct(workers, m, n, k, a, 5, k + 3, format, segment, 10, c, 2, n + 4, epilogue);
            Kernels.reference()
                    .blockProduct(workers, m, n, k, a, 5, k + 3, format, segment, 10, expected, 2, n + 4, epilogue);
        }
        String place = kernels.name() + " " + format + ", " + m + " x " + n + " x " + k;
        for (int i = 0; i < c.length; i++) {
            int row = (i - 2) / (n + 4);
            int column = (i - 2) % (n + 4);
            if (i < 2 || column >= n) {
                assertThat(c[i]).as("%s, outside, at %d", place, i).isEqualTo(CANARY);
            } else {
                double bound = bound(format, m, decoded, column * k, a, 5 + row * (k + 3), k);
                assertThat(c[i]).as("%s, row %d, column %d", place, row, column).isCloseTo(expected[i], within((float)
                        bound));
            }
        }
    }

    /// Rounding of sums, and for integer formats and few rows half a step of the 8-bit input for each weight.
    private static double bound(BlockFormat format, int m, float[] weights, int at, float[] a, int aAt, int k) {
        double magnitudes = 0;
        double steps = 0;
        for (int p = 0; p < k; p++) {
            magnitudes += Math.abs(weights[at + p] * a[aAt + p]);
        }
        if (format.blockElements() > 1 && m <= VectorBlockProduct.FEW_ROWS) {
            for (int p = 0; p < k; p++) {
                float largest = 0;
                for (int q = p / 32 * 32; q < p / 32 * 32 + 32; q++) {
                    largest = Math.max(largest, Math.abs(a[aAt + q]));
                }
                steps += Math.abs(weights[at + p]) * largest / 254;
            }
        }
        // Independent errors: far below their worst sum.
        return 3e-5 + 3e-6 * magnitudes + steps * 0.35;
    }
}
