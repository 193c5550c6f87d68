package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LaneSumTest {
    /// Enough calls for every compiler of the JVM to have had its turn.
    private static final int CALLS = 200_000;

    @Test
    void has_one_order_before_and_after_compilation() {
        Random random = new Random(1);
        float[] x = new float[Lanes.FLOATS.length()];
        int differing = 0;
        for (int call = 0; call < CALLS; call++) {
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextFloat() - 0.5f;
            }
            differing += LaneSum.of(FloatVector.fromArray(Lanes.FLOATS, x, 0)) == halves(x) ? 0 : 1;
        }
        assertThat(differing).as("sums out of " + CALLS).isZero();
    }

    @Test
    void kernels_give_the_same_bits_before_and_after_compilation() {
        Kernels kernels = Kernels.fastest();
        Random random = new Random(2);
        int length = 77;
        float[][] inputs = new float[64][length];
        float[] dots = new float[inputs.length];
        double[] squares = new double[inputs.length];
        for (float[] x : inputs) {
            for (int i = 0; i < length; i++) {
                x[i] = random.nextFloat() - 0.5f;
            }
        }
        for (int call = 0; call < CALLS / inputs.length; call++) {
            for (int i = 0; i < inputs.length; i++) {
                float dot = kernels.dot(inputs[i], 0, inputs[(i + 1) % inputs.length], 0, length);
                double square = kernels.sumOfSquares(inputs[i], 0, length);
                if (call == 0) {
                    dots[i] = dot;
                    squares[i] = square;
                }
                assertThat(dot == dots[i] && square == squares[i]).isTrue();
            }
        }
    }

    private static float halves(float[] x) {
        float[] sums = x.clone();
        for (int half = x.length / 2; half >= 1; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] += sums[i + half];
            }
        }
        return sums[0];
    }
}
