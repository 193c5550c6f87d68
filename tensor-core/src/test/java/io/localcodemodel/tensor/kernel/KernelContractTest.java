package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.KernelCase.Span;
import io.localcodemodel.tensor.kernel.KernelCase.Use;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every kernel over spans, at every width of vectors, against the reference.
class KernelContractTest {
    /// Products have a test of their own, and so have bfloat16 and the block formats.
    private static final Set<String> ELSEWHERE = Set.of("matmul", "bfloat", "blocks", "norms", "name");

    private static final float CANARY = 1234.5f;
    private static final int[][] OFFSETS = {{0, 0, 0, 0, 0, 0}, {1, 3, 5, 7, 9, 11}, {16, 13, 16, 29, 16, 2}};

    @Test
    void every_kernel_has_a_case() {
        Set<String> methods = Stream.of(Kernels.class, NormKernels.class)
                .map(Class::getDeclaredMethods)
                .flatMap(Arrays::stream)
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !ELSEWHERE.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> cases =
                KernelCases.all().stream().map(each -> each.method).collect(Collectors.toCollection(TreeSet::new));
        assertThat(cases).isEqualTo(methods);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void agrees_with_the_reference_around_every_lane_boundary(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        int lanes = bits / Float.SIZE;
        for (KernelCase each : KernelCases.all()) {
            for (int length : lengths(lanes)) {
                for (int[] offsets : OFFSETS) {
                    check(kernels, each, length, offsets, null);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void agrees_with_the_reference_in_place(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (KernelCase each : KernelCases.all()) {
            for (int[] alias : each.aliases) {
                for (int length : new int[] {1, 7, 16, 67, 150}) {
                    check(kernels, each, length, OFFSETS[1], alias);
                }
            }
        }
    }

    /// 0 to 3 lanes and to 3 unrolled turns of 4 lanes, each with its neighbours.
    private static Set<Integer> lengths(int lanes) {
        Set<Integer> lengths = new TreeSet<>(List.of(0));
        for (int multiple : new int[] {0, 1, 2, 3, 4, 5, 8, 9, 12}) {
            for (int near = -1; near <= 1; near++) {
                lengths.add(Math.max(0, multiple * lanes + near));
            }
        }
        return lengths;
    }

    private static void check(Kernels kernels, KernelCase each, int length, int[] offsets, int[] alias) {
        float[][] expected = arrays(each, length, offsets, alias);
        float[][] actual = arrays(each, length, offsets, alias);
        float[][] before = arrays(each, length, offsets, alias);
        int[] starts = offsets.clone();
        if (alias != null) {
            starts[alias[1]] = starts[alias[0]];
        }
        double expectedResult = each.call.run(ReferenceKernels.INSTANCE, expected, starts, length);
        double actualResult = each.call.run(kernels, actual, starts, length);
        String place = kernels.name() + " " + each + ", length " + length + ", offsets " + Arrays.toString(starts)
                + (alias == null ? "" : ", spans " + Arrays.toString(alias) + " the same");
        compare(place + ", result", each.tolerance, expectedResult, actualResult, Math.max(1, length));
        for (int s = 0; s < each.spans.size(); s++) {
            Span span = each.spans.get(s);
            boolean written = span.use() != Use.READ || (alias != null && alias[0] == s && writes(each, alias[1]));
            int from = starts[s];
            int to = from + span.length().applyAsInt(length);
            for (int i = 0; i < actual[s].length; i++) {
                if (written && i >= from && i < to) {
                    compare(
                            place + ", span " + s + " at " + (i - from),
                            each.tolerance,
                            expected[s][i],
                            actual[s][i],
                            1);
                } else if (Float.floatToRawIntBits(actual[s][i]) != Float.floatToRawIntBits(before[s][i])) {
                    fail(place + ": wrote outside, array " + s + " at " + (i - from));
                }
            }
        }
    }

    private static boolean writes(KernelCase each, int span) {
        return each.spans.get(span).use() != Use.READ;
    }

    private static void compare(String place, double tolerance, double expected, double actual, double size) {
        if (Double.compare(expected, actual) != 0
                && !(Math.abs(expected - actual) <= tolerance * Math.max(size, Math.abs(expected)))) {
            fail(place + ": expected " + expected + ", found " + actual);
        }
    }

    /// Arrays with canaries on both sides of each span; at the first offsets a span ends where its array does.
    private static float[][] arrays(KernelCase each, int length, int[] offsets, int[] alias) {
        float[][] arrays = new float[each.spans.size()][];
        for (int s = 0; s < arrays.length; s++) {
            Span span = each.spans.get(s);
            int elements = span.length().applyAsInt(length);
            arrays[s] = new float[offsets[s] + elements + offsets[(s + 1) % offsets.length]];
            Arrays.fill(arrays[s], CANARY);
            for (int i = 0; i < elements; i++) {
                float uniform = Randomness.uniform(s, i);
                arrays[s][offsets[s] + i] = span.low() + (span.high() - span.low()) * uniform;
            }
        }
        if (alias != null) {
            arrays[alias[1]] = arrays[alias[0]];
        }
        return arrays;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void treats_infinities_and_nan_as_the_reference_does(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] specials = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, 0f, -0f};
        for (String method : List.of("maximum", "softmaxRow", "exponentials", "activate", "activateBackward", "gate")) {
            for (KernelCase each : KernelCases.all()) {
                if (!each.method.equals(method)) {
                    continue;
                }
                for (float special : specials) {
                    for (int at : new int[] {0, 5, 16, 33, 36}) {
                        checkSpecial(kernels, each, 37, at, special);
                    }
                }
            }
        }
    }

    private static void checkSpecial(Kernels kernels, KernelCase each, int length, int at, float special) {
        float[][] expected = arrays(each, length, OFFSETS[1], null);
        float[][] actual = arrays(each, length, OFFSETS[1], null);
        expected[0][OFFSETS[1][0] + at] = special;
        actual[0][OFFSETS[1][0] + at] = special;
        double expectedResult = each.call.run(ReferenceKernels.INSTANCE, expected, OFFSETS[1], length);
        double actualResult = each.call.run(kernels, actual, OFFSETS[1], length);
        String place = kernels.name() + " " + each + " with " + special + " at " + at;
        compare(place + ", result", each.tolerance, expectedResult, actualResult, length);
        for (int s = 0; s < expected.length; s++) {
            for (int i = 0; i < expected[s].length; i++) {
                compare(place + ", span " + s, each.tolerance, expected[s][i], actual[s][i], 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void softmax_of_a_row_of_negative_infinities_is_zero_and_nan_with_one_nan(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (int length : new int[] {1, 5, 16, 37}) {
            float[] x = new float[length];
            float[] out = new float[length];
            Arrays.fill(x, Float.NEGATIVE_INFINITY);
            kernels.softmaxRow(1, x, 0, out, 0, length);
            assertThat(out).containsOnly(0f);
            x[length - 1] = Float.NaN;
            kernels.softmaxRow(1, x, 0, out, 0, length);
            assertThat(out).containsOnly(Float.NaN);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void sums_do_not_depend_on_where_a_span_lies(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] values = new float[203];
        for (int i = 0; i < values.length; i++) {
            values[i] = Randomness.uniform(5, i) - 0.3f;
        }
        float sum = kernels.sum(values, 0, 203);
        float dot = kernels.dot(values, 0, values, 0, 203);
        double squares = kernels.sumOfSquares(values, 0, 203);
        for (int offset = 1; offset < 20; offset++) {
            float[] moved = new float[offset + 203 + offset % 3];
            System.arraycopy(values, 0, moved, offset, 203);
            assertThat(kernels.sum(moved, offset, 203)).isEqualTo(sum);
            assertThat(kernels.dot(moved, offset, moved, offset, 203)).isEqualTo(dot);
            assertThat(kernels.sumOfSquares(moved, offset, 203)).isEqualTo(squares);
        }
    }
}
