package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The error bounds that [VectorMath] and [VectorSoftmax] state, over dense samples of the floats.
class KernelAccuracyTest {
    /// Every 8191st float of each sign; 8191 is prime, so all exponents and mantissas are met.
    private static final int STEP = 8191;

    private static float[] samples(float largest) {
        int count = Float.floatToRawIntBits(largest) / STEP + 1;
        float[] samples = new float[2 * count];
        for (int i = 0; i < count; i++) {
            samples[2 * i] = Float.intBitsToFloat(i * STEP);
            samples[2 * i + 1] = -samples[2 * i];
        }
        return samples;
    }

    private static double worstUlps(float[] x, float[] y, DoubleUnaryOperator truth, double floor) {
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            double expected = truth.applyAsDouble(x[i]);
            if ((float) expected != y[i]) {
                double ulp = Math.max(floor, Math.ulp((float) expected));
                worst = Math.max(worst, Math.abs(y[i] - expected) / ulp);
            }
        }
        return worst;
    }

    private static float[] activated(Kernels kernels, Activation activation, float[] x) {
        float[] y = new float[x.length];
        kernels.activate(activation, x, 0, y, 0, x.length);
        return y;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void exp_is_within_one_ulp_where_the_result_is_a_normal_float_and_0_below(int bits) {
        float[] x = samples(200);
        float[] y = new float[x.length];
        KernelsOfWidth.bits(bits).exponentials(x, 0, 0, y, 0, x.length);
        assertThat(worstUlps(x, y, Math::exp, Float.MIN_NORMAL)).isLessThanOrEqualTo(1.0);
        for (int i = 0; i < x.length; i++) {
            if (Math.exp(x[i]) < Float.MIN_NORMAL) {
                assertThat(y[i]).as("e^%s", x[i]).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void exp_overflows_to_infinity_and_keeps_nan(int bits) {
        float[] x = {88.72283f, Math.nextUp(88.72283f), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
        for (int repeats : new int[] {1, 20}) {
            float[] all = new float[x.length * repeats];
            for (int i = 0; i < all.length; i++) {
                all[i] = x[i % x.length];
            }
            KernelsOfWidth.bits(bits).exponentials(all, 0, 0, all, 0, all.length);
            assertThat(all).startsWith((float) Math.exp(88.72283f), Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);
            assertThat(all[all.length - 2]).isZero();
            assertThat(all[all.length - 1]).isNaN();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void tanh_and_sigmoid_keep_their_bounds(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] x = samples(Float.MAX_VALUE);
        float[] tanh = activated(kernels, Activation.TANH, x);
        float[] sigmoid = activated(kernels, Activation.SIGMOID, x);
        assertThat(worstUlps(x, tanh, Math::tanh, 0)).isLessThanOrEqualTo(5);
        DoubleUnaryOperator trueSigmoid = v -> Activations.value(Activation.SIGMOID, v);
        assertThat(worstUlps(x, sigmoid, trueSigmoid, Float.MIN_NORMAL)).isLessThanOrEqualTo(2.5);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void gelu_and_silu_keep_their_bounds(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        float[] x = samples(Float.MAX_VALUE);
        for (Activation f : new Activation[] {Activation.GELU_ERF, Activation.GELU_TANH, Activation.SILU}) {
            float[] y = activated(kernels, f, x);
            double worst = 0;
            for (int i = 0; i < x.length; i++) {
                double expected = Activations.value(f, x[i]);
                worst = Math.max(worst, Math.abs(y[i] - expected) / Math.max(1, Math.abs(x[i])));
            }
            assertThat(worst).as("%s, error over max(1, |x|)", f).isLessThanOrEqualTo(1.5e-7);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void softmax_weights_are_within_a_millionth(int bits) {
        Kernels kernels = KernelsOfWidth.bits(bits);
        for (int length : new int[] {10, 1000, 100_000}) {
            float[] x = new float[length];
            for (int i = 0; i < length; i++) {
                x[i] = (float) (40 * Math.sin(i * 1.7));
            }
            float[] y = new float[length];
            kernels.softmaxRow(1, x, 0, y, 0, length);
            double sum = 0;
            float maximum = kernels.maximum(x, 0, length);
            for (float v : x) {
                sum += Math.exp((double) v - maximum);
            }
            for (int i = 0; i < length; i++) {
                double expected = Math.exp((double) x[i] - maximum) / sum;
                // x - maximum is rounded once: half an ulp of up to 80 in the exponent.
                double bound = 1e-6 + Math.ulp(maximum - x[i]) / 2;
                assertThat(y[i]).isBetween((float) (expected * (1 - bound)), (float) (expected * (1 + bound)));
            }
        }
    }
}
