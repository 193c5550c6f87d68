package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Randomness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PanelsTest {
    private static final int M = 40;

    private static float[] random(int seed, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }

    private static float[] product(
            Kernels kernels, Workers workers, Layout layout, int n, int k, float[] a, float[] b, Panels panels) {
        float[] c = new float[M * n];
        kernels.matmul(
                workers, layout, M, n, k, a, 0, k, b, 0, layout == Layout.NT ? k : n, c, 0, n, Epilogue.ASSIGN, panels);
        return c;
    }

    private static float[] product(Layout layout, int n, int k, float[] a, float[] b, Panels panels) {
        try (Workers one = Workers.of(1)) {
            return product(Kernels.fastest(), one, layout, n, k, a, b, panels);
        }
    }

    @ParameterizedTest
    @CsvSource({"128,32", "256,16", "512,32"})
    void products_with_kept_panels_give_the_bits_of_products_without(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        try (Workers two = Workers.of(2)) {
            for (Layout layout : new Layout[] {Layout.NT, Layout.NN}) {
                for (int[] size : new int[][] {{37, 1700}, {9001, 21}, {64, 64}, {300, 1100}}) {
                    int n = size[0];
                    int k = size[1];
                    float[] b = random(2, n * k);
                    Panels panels = new Panels();
                    for (int use = 0; use < 3; use++) {
                        float[] a = random(10 + use, M * k);
                        assertThat(product(kernels, two, layout, n, k, a, b, panels))
                                .as("%s %s %dx%d, use %d", kernels.name(), layout, n, k, use)
                                .isEqualTo(product(kernels, two, layout, n, k, a, b, null));
                    }
                    assertThat(panels.bytes()).isGreaterThanOrEqualTo(4L * n * k);
                }
            }
        }
    }

    @Test
    void a_changed_factor_is_packed_again_once_the_panels_are_told() {
        float[] a = random(1, M * 90);
        float[] b = random(2, 50 * 90);
        Panels panels = new Panels();
        product(Layout.NT, 50, 90, a, b, panels);
        b[7] = 100;
        panels.invalidate();
        assertThat(product(Layout.NT, 50, 90, a, b, panels)).isEqualTo(product(Layout.NT, 50, 90, a, b, null));
    }

    @Test
    void the_second_product_does_not_read_the_factor() {
        float[] a = random(1, M * 90);
        float[] b = random(2, 50 * 90);
        Panels panels = new Panels();
        float[] first = product(Layout.NT, 50, 90, a, b, panels);
        float[] nothing = new float[50 * 90];
        assertThat(product(Layout.NT, 50, 90, a, nothing, panels)).isEqualTo(first);
    }

    @Test
    void panels_of_another_shape_or_layout_are_packed_anew() {
        float[] a = random(1, M * 64);
        float[] b = random(2, 64 * 64);
        Panels panels = new Panels();
        product(Layout.NT, 64, 64, a, b, panels);
        assertThat(product(Layout.NN, 64, 64, a, b, panels)).isEqualTo(product(Layout.NN, 64, 64, a, b, null));
        assertThat(product(Layout.NN, 32, 64, a, b, panels)).isEqualTo(product(Layout.NN, 32, 64, a, b, null));
    }

    @Test
    void few_rows_leave_the_panels_empty() {
        float[] a = random(1, 90);
        float[] b = random(2, 50 * 90);
        Panels panels = new Panels();
        try (Workers one = Workers.of(1)) {
            Kernels.fastest()
                    .matmul(
                            one,
                            Layout.NT,
                            1,
                            50,
                            90,
                            a,
                            0,
                            90,
                            b,
                            0,
                            90,
                            new float[50],
                            0,
                            50,
                            Epilogue.ASSIGN,
                            panels);
        }
        assertThat(panels.bytes()).isZero();
    }
}
