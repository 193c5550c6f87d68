package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.localcodemodel.tensor.Randomness;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every matrix product, at every width of vectors and with both sets of tiles.
class ProductContractTest {
    private static final float CANARY = 1234.5f;
    private static final int[] ROWS = {1, 3, 4, 5, 7, 8, 12, 13, 25};

    /// A product with its operands somewhere inside larger arrays.
    private static final class Problem {
        final Layout layout;
        final int m;
        final int n;
        final int k;
        final int offset;
        final int aStride;
        final int bStride;
        final int cStride;
        final float[] a;
        final float[] b;
        final float[] c;
        final float[] before;
        final float[] bias;
        final float[] residual;

        Problem(Layout layout, int m, int n, int k, int offset, int gap) {
            this.layout = layout;
            this.m = m;
            this.n = n;
            this.k = k;
            this.offset = offset;
            aStride = (layout == Layout.TN ? m : k) + gap;
            bStride = (layout == Layout.NT ? k : n) + 2 * gap;
            cStride = n + 3 * gap;
            a = random(1, offset + extent(layout == Layout.TN ? k : m, aStride, gap));
            b = random(2, offset + extent(layout == Layout.NT ? n : k, bStride, 2 * gap));
            c = new float[offset + extent(m, cStride, 3 * gap) + offset];
            Arrays.fill(c, CANARY);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    c[offset + i * cStride + j] = Randomness.uniform(3, i * n + j) - 0.5f;
                }
            }
            before = c.clone();
            bias = random(4, offset + n);
            residual = random(5, offset + m * n);
        }

        /// The matrix ends where the array does.
        private static int extent(int rows, int stride, int gap) {
            return Math.max(0, rows * stride - gap);
        }

        private static float[] random(int seed, int length) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = Randomness.uniform(seed, i) - 0.5f;
            }
            return values;
        }

        Epilogue biasAndResidual() {
            return new Epilogue(false, bias, offset, residual, offset, n, null);
        }

        Epilogue activatedInto(float[] values) {
            Epilogue.Activated activated = new Epilogue.Activated(Activation.GELU_TANH, values, offset, cStride);
            return new Epilogue(false, bias, offset, residual, offset, n, activated);
        }

        float[] by(Kernels kernels, Workers workers, Epilogue epilogue) {
            return into(before.clone(), kernels, workers, epilogue);
        }

        float[] activatedInPlace(Kernels kernels, Workers workers) {
            float[] result = before.clone();
            return into(result, kernels, workers, activatedInto(result));
        }

        private float[] into(float[] result, Kernels kernels, Workers workers, Epilogue epilogue) {
            kernels.matmul(
                    workers, layout, m, n, k, a, offset, aStride, b, offset, bStride, result, offset, cStride,
                    epilogue);
            return result;
        }

        float[] by(Kernels kernels, Scratch scratch, Epilogue epilogue) {
            float[] result = before.clone();
            kernels.matmul(
                    scratch, layout, m, n, k, a, offset, aStride, b, offset, bStride, result, offset, cStride,
                    epilogue);
            return result;
        }

        @Override
        public String toString() {
            return layout + " " + m + "x" + n + "x" + k + " offset " + offset + " strides " + aStride + ", " + bStride
                    + ", " + cStride;
        }

        void compare(String name, float[] expected, float[] actual) {
            double tolerance = 1e-6 * (1 + Math.sqrt(k));
            for (int i = 0; i < c.length; i++) {
                boolean outside = before[i] == CANARY;
                if (outside ? actual[i] != CANARY : !(Math.abs(expected[i] - actual[i]) <= tolerance)) {
                    fail(name + " " + this + ": element " + (i - offset) / cStride + ", " + (i - offset) % cStride
                            + ": expected " + expected[i] + ", found " + actual[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"128,16", "128,32", "256,16", "256,32", "512,16", "512,32"})
    void agrees_with_the_reference_around_every_boundary_of_a_tile(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        int lanes = bits / Float.SIZE;
        Scratch scratch = new Scratch();
        int variant = 0;
        for (Layout layout : Layout.values()) {
            for (int m : ROWS) {
                for (int n : new int[] {1, 2 * lanes - 1, 2 * lanes, 2 * lanes + 1, 4 * lanes + 3}) {
                    for (int k : new int[] {1, lanes, 2 * lanes + 3, 67}) {
                        variant++;
                        Problem problem = new Problem(layout, m, n, k, variant % 3 * 5, variant % 2 * 3);
                        checkEpilogues(kernels, scratch, problem);
                    }
                }
            }
        }
    }

    private static void checkEpilogues(Kernels kernels, Scratch scratch, Problem problem) {
        Epilogue[] epilogues = {
            Epilogue.ASSIGN, Epilogue.ACCUMULATE, Epilogue.bias(problem.bias, problem.offset), problem.biasAndResidual()
        };
        for (Epilogue epilogue : epilogues) {
            float[] expected = problem.by(ReferenceKernels.INSTANCE, scratch, epilogue);
            problem.compare(kernels.name(), expected, problem.by(kernels, scratch, epilogue));
        }
    }

    @ParameterizedTest
    @CsvSource({"128,32", "256,16", "512,32"})
    void agrees_with_the_reference_where_the_inner_extent_and_the_columns_are_cut_into_blocks(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        Scratch scratch = new Scratch();
        for (Layout layout : Layout.values()) {
            checkEpilogues(kernels, scratch, new Problem(layout, 14, 37, 1700, 3, 1));
            checkEpilogues(kernels, scratch, new Problem(layout, 5, 9001, 21, 0, 0));
            checkEpilogues(kernels, scratch, new Problem(layout, 530, 35, 19, 1, 2));
            checkEpilogues(kernels, scratch, new Problem(layout, 77, 19 * bits / Float.SIZE, 40, 1, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"128,32", "256,16", "512,32"})
    void gives_the_same_bits_with_any_number_of_workers(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        try (Workers one = Workers.of(1);
                Workers two = Workers.of(2);
                Workers three = Workers.of(3)) {
            for (Layout layout : Layout.values()) {
                for (int[] size : new int[][] {
                    {1, 700, 90},
                    {7, 333, 800},
                    {65, 64, 64},
                    {300, 70, 130},
                    {300, 600, 130},
                    {33, 4100, 9},
                    {130, 1300, 70}
                }) {
                    Problem problem = new Problem(layout, size[0], size[1], size[2], 5, 1);
                    float[] alone = problem.by(kernels, new Scratch(), problem.biasAndResidual());
                    problem.compare(
                            kernels.name(),
                            problem.by(ReferenceKernels.INSTANCE, one, problem.biasAndResidual()),
                            alone);
                    for (Workers workers : new Workers[] {one, two, three}) {
                        assertThat(problem.by(kernels, workers, problem.biasAndResidual()))
                                .as("%s %s, %d workers", kernels.name(), problem, workers.count())
                                .isEqualTo(alone);
                    }
                }
            }
        }
    }

    @Test
    void a_row_of_the_result_does_not_depend_on_how_many_rows_there_are() {
        Kernels kernels = Kernels.fastest();
        Scratch scratch = new Scratch();
        for (Layout layout : new Layout[] {Layout.NN, Layout.NT}) {
            Problem all = new Problem(layout, 100, 70, 900, 0, 0);
            float[] expected = all.by(kernels, scratch, Epilogue.ASSIGN);
            for (int rows : new int[] {17, 40, 99}) {
                float[] some = all.before.clone();
                kernels.matmul(
                        scratch,
                        layout,
                        rows,
                        70,
                        900,
                        all.a,
                        0,
                        all.aStride,
                        all.b,
                        0,
                        all.bStride,
                        some,
                        0,
                        all.cStride,
                        Epilogue.ASSIGN);
                assertThat(Arrays.copyOf(some, rows * 70)).isEqualTo(Arrays.copyOf(expected, rows * 70));
            }
        }
    }

    /// Few columns are multiplied with rows of A where they lie, many with packed ones; an element is the same chain of
    /// multiply-adds either way.
    @ParameterizedTest
    @CsvSource({"128,32", "256,16", "512,32"})
    void a_column_of_the_result_does_not_depend_on_how_many_columns_there_are(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        for (Layout layout : Layout.values()) {
            Problem many = new Problem(layout, 50, 600, 1300, 0, 0);
            float[] expected = many.by(kernels, new Scratch(), Epilogue.ASSIGN);
            for (int columns : new int[] {1, 2 * bits / Float.SIZE, 70}) {
                float[] some = many.before.clone();
                kernels.matmul(
                        new Scratch(),
                        layout,
                        50,
                        columns,
                        1300,
                        many.a,
                        0,
                        many.aStride,
                        many.b,
                        0,
                        many.bStride,
                        some,
                        0,
                        many.cStride,
                        Epilogue.ASSIGN);
                for (int row = 0; row < 50; row++) {
                    int at = row * many.cStride;
                    assertThat(Arrays.copyOfRange(some, at, at + columns))
                            .as("%s, %d columns, row %d", layout, columns, row)
                            .isEqualTo(Arrays.copyOfRange(expected, at, at + columns));
                }
            }
        }
    }

    @Test
    void an_empty_inner_extent_gives_zeros_or_leaves_what_is_accumulated() {
        for (Layout layout : Layout.values()) {
            Problem problem = new Problem(layout, 5, 7, 0, 2, 1);
            checkEpilogues(Kernels.fastest(), new Scratch(), problem);
        }
    }

    /// Beside C or in its place, whichever way the product is computed and however it is cut.
    @ParameterizedTest
    @CsvSource({"128,32", "256,16", "512,32"})
    void an_activation_in_the_product_gives_the_bits_of_one_after_it(int bits, int registers) {
        Kernels kernels = KernelsOfWidth.bits(bits, registers);
        try (Workers two = Workers.of(2)) {
            for (Layout layout : Layout.values()) {
                for (int[] size : new int[][] {{1, 90, 33}, {3, 700, 90}, {25, 21, 1700}, {300, 130, 70}}) {
                    Problem problem = new Problem(layout, size[0], size[1], size[2], 5, 1);
                    float[] product = problem.by(kernels, two, problem.biasAndResidual());
                    float[] expected = product.clone();
                    for (int row = 0; row < problem.m; row++) {
                        int at = problem.offset + row * problem.cStride;
                        kernels.activate(Activation.GELU_TANH, product, at, expected, at, problem.n);
                    }
                    float[] beside = problem.before.clone();
                    assertThat(problem.by(kernels, two, problem.activatedInto(beside)))
                            .as("%s %s", kernels.name(), problem)
                            .isEqualTo(product);
                    assertThat(beside).as("%s %s", kernels.name(), problem).isEqualTo(expected);
                    assertThat(problem.activatedInPlace(kernels, two))
                            .as("in place, %s %s", kernels.name(), problem)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void the_residual_may_be_the_result() {
        for (int rows : new int[] {1, 3, 20}) {
            Problem problem = new Problem(Layout.NT, rows, 40, 900, 0, 0);
            float[] expected = withResultAsResidual(problem, ReferenceKernels.INSTANCE);
            float[] actual = withResultAsResidual(problem, Kernels.fastest());
            problem.compare("residual in place", expected, actual);
        }
    }

    private static float[] withResultAsResidual(Problem problem, Kernels kernels) {
        float[] c = problem.before.clone();
        Epilogue epilogue = new Epilogue(false, problem.bias, 0, c, 0, problem.n, null);
        kernels.matmul(
                new Scratch(),
                problem.layout,
                problem.m,
                problem.n,
                problem.k,
                problem.a,
                0,
                problem.aStride,
                problem.b,
                0,
                problem.bStride,
                c,
                0,
                problem.cStride,
                epilogue);
        return c;
    }
}
