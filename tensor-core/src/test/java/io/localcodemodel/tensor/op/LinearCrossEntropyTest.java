package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The projection and the loss in one against the two operations one after the other.
class LinearCrossEntropyTest {
    private static final CrossEntropy.Options OPTIONS = new CrossEntropy.Options(0.1f, 0.01f);

    private final Compute compute = Compute.create(2);

    private static Tensor normal(long seed, int... shape) {
        Tensor tensor = Tensor.zeros(Shape.of(shape));
        Randomness.fillNormal(tensor, 0.5f, seed);
        return tensor;
    }

    private static int[] targets(int rows, int classes) {
        int[] targets = new int[rows];
        Arrays.setAll(targets, row -> row % 5 == 3 ? CrossEntropy.IGNORE : row * 31 % classes);
        return targets;
    }

    @Test
    void agrees_with_projection_and_loss_over_several_chunks() {
        int classes = 30_000;
        int rows = 300;
        int[] targets = targets(rows, classes);
        Tensor[] inputs = {normal(1, rows, 8), normal(2, classes, 8), normal(3, classes)};

        OpResult expected = OpResult.of(
                compute,
                (p, v) -> CrossEntropy.apply(p, Linear.apply(p, v[0], v[1], v[2]), targets, OPTIONS),
                inputs,
                null);
        OpResult found = OpResult.of(
                compute, (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], v[2], targets, OPTIONS), inputs, null);

        assertThat(found.output()[0]).isCloseTo(expected.output()[0], within(1e-5f));
        for (int i = 0; i < inputs.length; i++) {
            for (int j = 0; j < found.gradients()[i].length; j++) {
                assertThat(found.gradients()[i][j]).isCloseTo(expected.gradients()[i][j], within(1e-6f));
            }
        }
    }

    @Test
    void never_holds_the_logits_of_all_rows() {
        int classes = 20_000;
        int rows = 2_000;
        Arena arena = new Arena();
        try (Pass pass = Pass.recording(compute, arena)) {
            Var hidden = Var.parameter(normal(1, rows, 4));
            Var weight = Var.parameter(normal(2, classes, 4));
            pass.backward(LinearCrossEntropy.apply(
                    pass, hidden, weight, null, targets(rows, classes), CrossEntropy.Options.PLAIN));
        }

        assertThat(arena.peakBytes()).isLessThan(4L * classes * rows / 4);
    }

    @Test
    void scales_and_adds_up_as_any_operation() {
        Var hidden = Var.parameter(normal(1, 9, 6));
        Var weight = Var.parameter(normal(2, 11, 6));
        backward(hidden, weight, 1);
        float[] once = Objects.requireNonNull(weight.gradient()).toArray();
        float[] hiddenOnce = Objects.requireNonNull(hidden.gradient()).toArray();
        weight.clearGradient();
        hidden.clearGradient();

        backward(hidden, weight, 0.25f);
        backward(hidden, weight, 0.75f);

        assertThat(weight.gradient().toArray()).containsExactly(once, within(1e-6f));
        assertThat(hidden.gradient().toArray()).containsExactly(hiddenOnce, within(1e-6f));
    }

    private void backward(Var hidden, Var weight, float scale) {
        Arena arena = OpResult.poisoned();
        try (Pass pass = Pass.recording(compute, arena)) {
            int[] targets = targets(9, 11);
            pass.backward(LinearCrossEntropy.apply(pass, hidden, weight, null, targets, OPTIONS), scale);
        }
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void a_table_that_is_also_the_projection_gets_both_gradients() {
        int[] ids = {3, 1, 3, 0};
        int[] targets = {1, 3, 0, 2};
        Tensor table = normal(5, 5, 6);
        OpResult tied = OpResult.of(
                compute,
                (p, v) -> LinearCrossEntropy.apply(
                        p, Embedding.apply(p, v[0], ids), v[0], null, targets, CrossEntropy.Options.PLAIN),
                new Tensor[] {table},
                null);
        OpResult untied = OpResult.of(
                compute,
                (p, v) -> LinearCrossEntropy.apply(
                        p, Embedding.apply(p, v[0], ids), v[1], null, targets, CrossEntropy.Options.PLAIN),
                new Tensor[] {table, table},
                null);

        for (int i = 0; i < table.size(); i++) {
            assertThat(tied.gradients()[0][i])
                    .isCloseTo(untied.gradients()[0][i] + untied.gradients()[1][i], within(1e-6f));
        }
    }

    @Test
    void a_pass_without_recording_gives_the_same_loss() {
        Tensor[] inputs = {normal(1, 9, 6), normal(2, 11, 6)};
        OpCase.Function function = (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], null, targets(9, 11), OPTIONS);

        assertThat(OpResult.forward(compute, function, inputs))
                .containsExactly(OpResult.of(compute, function, inputs, null).output());
    }

    @Test
    void nothing_to_learn_is_a_loss_of_zero() {
        int[] ignored = new int[4];
        Arrays.fill(ignored, CrossEntropy.IGNORE);
        Tensor[] inputs = {normal(1, 4, 6), normal(2, 11, 6)};

        OpResult result = OpResult.of(
                compute, (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], null, ignored, OPTIONS), inputs, null);

        assertThat(result.output()).containsExactly(0);
        assertThat(result.gradients()[0]).containsOnly(0);
        assertThat(result.gradients()[1]).containsOnly(0);
    }

    @Test
    void no_row_at_all_is_a_loss_and_gradients_of_zero_whatever_was_there_before() {
        Var weight = Var.parameter(normal(2, 11, 6));
        Var bias = Var.parameter(normal(3, 11));
        for (int rows : new int[] {2, 0}) {
            weight.clearGradient();
            bias.clearGradient();
            Var hidden = Var.parameter(normal(1, rows, 6));
            try (Pass pass = Pass.recording(compute, new Arena())) {
                Var loss = LinearCrossEntropy.apply(pass, hidden, weight, bias, new int[rows], OPTIONS);
                pass.backward(loss);
                assertThat(loss.value().scalar() > 0).isEqualTo(rows > 0);
            }
        }
        assertThat(Objects.requireNonNull(weight.gradient()).toArray()).containsOnly(0);
        assertThat(Objects.requireNonNull(bias.gradient()).toArray()).containsOnly(0);
    }

    @Test
    void refuses_a_target_that_is_no_class() {
        Var logits = Var.constant(Tensor.zeros(Shape.of(2, 3)));
        try (Pass pass = Pass.inference(compute, new Arena())) {
            assertThatThrownBy(() -> CrossEntropy.apply(pass, logits, new int[] {0, 3}, OPTIONS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("target 3 of row 1 is neither in [0, 3)");
            assertThatThrownBy(() -> CrossEntropy.apply(pass, logits, new int[] {0}, OPTIONS))
                    .hasMessageContaining("a target for each of 2 rows, found 1");
        }
        assertThatThrownBy(() -> new CrossEntropy.Options(1, 0)).hasMessageContaining("[0, 1)");
    }

    @Test
    void an_embedding_refuses_an_id_outside_its_table() {
        Var table = Var.constant(Tensor.zeros(Shape.of(4, 2)));
        try (Pass pass = Pass.inference(compute, new Arena())) {
            assertThatThrownBy(() -> Embedding.apply(pass, table, new int[] {1, 4}))
                    .hasMessageContaining("id 4 of token 1 is not in [0, 4)");
        }
    }
}
