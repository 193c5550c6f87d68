package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The gradient of every operation against central differences along random directions.
class GradientTest {
    private static final long SEED = 11;
    private static final float STEP = 4e-3f;

    static List<OpCase> cases() {
        return OpCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_gradient_is_the_slope_along_random_directions(OpCase op) {
        try (Compute compute = Compute.reference()) {
            Tensor[] inputs = op.inputs(SEED);
            Tensor[] gradients = gradients(compute, op, inputs);
            for (int trial = 0; trial < 4; trial++) {
                for (int moved = 0; moved < inputs.length; moved++) {
                    Tensor direction = Tensor.zeros(inputs[moved].shape());
                    Randomness.fillNormal(direction, 1, 100 * trial + moved);
                    double expected = slope(compute, op, inputs, moved, direction);
                    double found = 0;
                    double size = 0;
                    for (int i = 0; i < direction.size(); i++) {
                        double term =
                                (double) gradients[moved].array()[i] * direction.array()[i];
                        found += term;
                        size += term * term;
                    }
                    assertThat(found)
                            .as("input %d, trial %d", moved, trial)
                            .isCloseTo(expected, within(2e-3 * Math.sqrt(size) + 2e-4));
                }
            }
        }
    }

    /// Richardson's extrapolation of two central differences, whose error is of the fourth order of the step.
    private static double slope(Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction) {
        double coarse = difference(compute, op, inputs, moved, direction, 2 * STEP);
        double fine = difference(compute, op, inputs, moved, direction, STEP);
        return (4 * fine - coarse) / 3;
    }

    private static double difference(
            Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction, float step) {
        return (objective(compute, op, inputs, moved, direction, step)
                        - objective(compute, op, inputs, moved, direction, -step))
                / (2.0 * step);
    }

    private static double objective(
            Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction, float step) {
        Var[] variables = new Var[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            Tensor value = Tensor.of(inputs[i].shape(), inputs[i].toArray());
            if (i == moved) {
                for (int j = 0; j < value.size(); j++) {
                    value.array()[j] += step * direction.array()[j];
                }
            }
            variables[i] = Var.parameter(value);
        }
        try (Pass pass = Pass.training(compute, new Arena(), SEED)) {
            Tensor y = op.function().apply(pass, variables).value();
            float[] weights = weights(y);
            double sum = 0;
            for (int i = 0; i < y.size(); i++) {
                sum += (double) weights[i] * y.array()[y.offset() + i];
            }
            return sum;
        }
    }

    private static float[] weights(Tensor y) {
        Tensor weights = Tensor.zeros(y.shape());
        Randomness.fillNormal(weights, 1, 5);
        return weights.array();
    }

    private static Tensor[] gradients(Compute compute, OpCase op, Tensor[] inputs) {
        Var[] variables = new Var[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            variables[i] = Var.parameter(inputs[i]);
        }
        try (Pass pass = Pass.training(compute, new Arena(), SEED)) {
            Var y = op.function().apply(pass, variables);
            pass.backward(WeightedSum.apply(pass, y, weights(y.value())));
        }
        Tensor[] gradients = new Tensor[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            gradients[i] = Objects.requireNonNull(variables[i].gradient());
        }
        return gradients;
    }
}
