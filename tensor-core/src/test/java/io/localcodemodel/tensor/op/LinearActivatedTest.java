package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A product that activates what it writes, against a product and then an activation.
class LinearActivatedTest {
    private static final int ROWS = 70;
    private static final int IN = 40;
    private static final int OUT = 90;

    private final Compute compute = Compute.create(2);
    private final Tensor[] inputs = {normal(1, ROWS, IN), normal(2, OUT, IN), normal(3, OUT)};

    private static Tensor normal(long seed, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        Randomness.fillNormal(tensor, 0.7f, seed);
        return tensor;
    }

    @AfterEach
    void close() {
        compute.close();
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void gives_the_bits_of_a_product_and_an_activation(Activation activation) {
        OpCase.Function after = (pass, v) -> Activate.apply(pass, activation, Linear.apply(pass, v[0], v[1], v[2]));
        OpCase.Function within = (pass, v) -> Linear.activated(pass, activation, v[0], v[1], v[2]);

        OpResult expected = OpResult.of(compute, after, inputs, null);
        OpResult actual = OpResult.of(compute, within, inputs, null);

        assertThat(actual.output()).containsExactly(expected.output());
        for (int i = 0; i < inputs.length; i++) {
            assertThat(actual.gradients()[i]).as("gradient of input %d", i).containsExactly(expected.gradients()[i]);
        }
        assertThat(OpResult.forward(compute, within, inputs)).containsExactly(expected.output());
    }

    @Test
    void writes_nothing_but_the_result_where_there_is_no_way_back() {
        Arena arena = new Arena();
        try (Pass pass = Pass.inference(compute, arena)) {
            Linear.activated(
                    pass, Activation.SILU, Var.constant(inputs[0]), Var.constant(inputs[1]), Var.constant(inputs[2]));
        }
        assertThat(arena.peakBytes()).isBetween(ROWS * OUT * 4L, ROWS * OUT * 4L + 64);
    }

    @Test
    void takes_frozen_weights_and_trainable_inputs() {
        Var x = Var.parameter(inputs[0]);
        try (Pass pass = Pass.recording(compute, OpResult.poisoned())) {
            Var y = Linear.activated(pass, Activation.RELU, x, Var.constant(inputs[1]), null);
            pass.backward(WeightedSum.apply(pass, y, OpResult.weights(y.shape())));
        }
        assertThat(x.gradient()).isNotNull();
        assertThat(x.gradient().toArray()).doesNotContain(Float.NaN);
    }
}
