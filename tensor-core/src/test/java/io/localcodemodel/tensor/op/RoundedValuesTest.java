package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.MasterWeights;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operation where the values it reads on the way back were rounded or given back, and have moved, since its forward.
class RoundedValuesTest {
    private static final long SEED = 11;

    static List<OpCase> cases() {
        return OpCase.all();
    }

    /// Those that make one value. A product that activates makes two, and the first, which is any number, is rounded.
    static List<OpCase> casesOfOneValue() {
        return OpCase.all().stream()
                .filter(op -> !op.name().startsWith("linear, activated"))
                .toList();
    }

    /// The inputs are bfloat16 numbers already, so that rounding them changes nothing.
    private static Tensor[] inputs(OpCase op) {
        Tensor[] inputs = op.inputs(SEED);
        for (Tensor input : inputs) {
            float[] x = input.array();
            for (int i = 0; i < x.length; i++) {
                x[i] = Float.intBitsToFloat(Float.floatToRawIntBits(x[i]) & 0xFFFF_0000);
            }
        }
        return inputs;
    }

    private static List<float[]> gradients(Compute compute, OpCase op, Precision precision, boolean renewed) {
        List<Var> variables = new ArrayList<>();
        for (Tensor input : inputs(op)) {
            variables.add(Var.parameter(input));
        }
        Arena arena = OpResult.poisoned();
        try (Pass pass = Pass.training(compute, arena, SEED).precision(precision)) {
            Var y = pass.scoped(() -> {
                Var[] copies = new Var[variables.size()];
                for (int i = 0; i < copies.length; i++) {
                    copies[i] = copy(pass, variables.get(i), renewed);
                }
                return copy(pass, op.function().apply(pass, copies), renewed);
            });
            poison(arena);
            pass.backward(WeightedSum.apply(pass, y, OpResult.weights(y.shape())));
        }
        assertThat(arena.usedBytes()).isZero();
        return variables.stream()
                .map(variable -> Objects.requireNonNull(variable.gradient()).toArray())
                .toList();
    }

    /// An output that waits rounded, or not at all.
    private static Var copy(Pass pass, Var x, boolean renewed) {
        return renewed ? Activate.apply(pass, Activation.IDENTITY, x) : Scale.apply(pass, x, 1);
    }

    /// Fills what is free with NaN, down to the smallest span.
    private static void poison(Arena arena) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            Tensor small = arena.allocate(Shape.of(16));
            small.fill(Float.NaN);
            all.add(small);
        }
        all.forEach(arena::release);
    }

    @ParameterizedTest
    @MethodSource("casesOfOneValue")
    void the_way_back_reads_values_where_they_lie_then(OpCase op) {
        try (Compute compute = Compute.reference()) {
            List<float[]> expected = gradients(compute, op, Precision.F32, false);
            compare(expected, gradients(compute, op, Precision.BF16, false), 0);
            compare(expected, gradients(compute, op, Precision.BF16, true), 0);
        }
    }

    @ParameterizedTest
    @MethodSource("casesOfOneValue")
    void the_fast_kernels_agree_and_no_worker_widens_a_value(OpCase op) {
        try (Compute compute = Compute.create(2)) {
            List<float[]> expected = gradients(compute, op, Precision.F32, false);
            compare(expected, gradients(compute, op, Precision.BF16, false), 1e-5f);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_way_back_gives_the_same_bits_where_values_are_computed_again(OpCase op) {
        try (Compute compute = Compute.create(2)) {
            List<float[]> expected = gradients(compute, op, Precision.F32, false);
            List<float[]> actual = gradients(compute, op, Precision.F32, true);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).as("input %d", i).isEqualTo(expected.get(i));
            }
        }
    }

    private static void compare(List<float[]> expected, List<float[]> actual, float tolerance) {
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).length; j++) {
                assertThat(actual.get(i)[j])
                        .as("input %d at %d", i, j)
                        .isCloseTo(expected.get(i)[j], within(tolerance * (1 + Math.abs(expected.get(i)[j]))));
            }
        }
    }

    static List<OpCase> casesWithMatrices() {
        return OpCase.all().stream()
                .filter(op -> op.shapes().size() > 1)
                .filter(op -> op.shapes().get(1).rank() == 2)
                .filter(op -> op.shapes().get(1).size() % 2 == 0)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("casesWithMatrices")
    void split_weights_are_read_by_those_who_can_and_refused_by_the_others(OpCase op) {
        try (Compute compute = Compute.reference()) {
            Tensor[] inputs = inputs(op);
            float[] expected = OpResult.forward(compute, op.function(), inputs);
            Var[] variables = new Var[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                variables[i] = Var.constant(inputs[i]);
            }
            MasterWeights.split(compute, variables[1]);
            boolean reads = List.of(Linear.class, LinearCrossEntropy.class, Embedding.class)
                    .contains(op.op());
            try (Pass pass = Pass.training(compute, OpResult.poisoned(), SEED)) {
                assertThat(op.function().apply(pass, variables).value().toArray())
                        .isEqualTo(expected);
                assertThat(reads).isTrue();
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("are split").hasMessageContaining("join");
                assertThat(reads).isFalse();
            }
        }
    }
}
