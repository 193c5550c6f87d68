package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Activate;
import io.localcodemodel.tensor.op.Add;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tensor.op.Dropout;
import io.localcodemodel.tensor.op.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PassTest {
    private static final int ROWS = 6;
    private static final int WIDTH = 8;
    private static final int[] TARGETS = {0, 7, 3, 1, 1, 5};

    private final Compute compute = Compute.reference();
    private final Arena arena = new Arena();
    private final Var x = normal(1, ROWS, WIDTH);
    private final Var first = normal(2, WIDTH, WIDTH);
    private final Var second = normal(3, WIDTH, WIDTH);

    @AfterEach
    void everything_was_given_back() {
        assertThat(arena.usedBytes()).isZero();
        compute.close();
    }

    private static Var normal(long seed, int... shape) {
        Tensor value = Tensor.zeros(Shape.of(shape));
        Randomness.fillNormal(value, 0.5f, seed);
        return Var.parameter(value);
    }

    /// A residual block with dropout.
    private static Var block(Pass pass, Var in, Var weight) {
        Var inner = Activate.apply(pass, Activation.SILU, Linear.apply(pass, in, weight, null));
        return Add.apply(pass, in, Dropout.apply(pass, inner, 0.4f));
    }

    private Var loss(Pass pass, boolean recomputed) {
        Var hidden = recomputed ? pass.recomputed(x, in -> block(pass, in, first)) : block(pass, x, first);
        Var last = recomputed ? pass.recomputed(hidden, in -> block(pass, in, second)) : block(pass, hidden, second);
        return CrossEntropy.apply(pass, last, TARGETS, CrossEntropy.Options.PLAIN);
    }

    private List<float[]> gradients() {
        List<float[]> gradients = new ArrayList<>();
        for (Var leaf : List.of(x, first, second)) {
            gradients.add(Objects.requireNonNull(leaf.gradient()).toArray());
            leaf.clearGradient();
        }
        return gradients;
    }

    private float run(boolean recomputed, float scale) {
        try (Pass pass = Pass.training(compute, arena, 5)) {
            Var loss = loss(pass, recomputed);
            float value = loss.value().scalar();
            pass.backward(loss, scale);
            return value;
        }
    }

    @Test
    void a_recomputed_part_gives_the_same_bits_with_dropout() {
        float plain = run(false, 1);
        List<float[]> expected = gradients();

        assertThat(run(true, 1)).isEqualTo(plain);
        assertThat(gradients()).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void a_recomputed_part_holds_less_memory() {
        int layers = 12;
        long plain = peak(layers, false);

        assertThat(peak(layers, true)).isLessThan(plain / 2);
    }

    private long peak(int layers, boolean recomputed) {
        Arena fresh = new Arena();
        try (Pass pass = Pass.training(compute, fresh, 5)) {
            Var hidden = x;
            for (int i = 0; i < layers; i++) {
                Var in = hidden;
                hidden = recomputed ? pass.recomputed(in, part -> block(pass, part, first)) : block(pass, in, first);
            }
            pass.backward(CrossEntropy.apply(pass, hidden, TARGETS, CrossEntropy.Options.PLAIN));
        }
        return fresh.peakBytes();
    }

    @Test
    void parts_may_be_recomputed_inside_recomputed_parts() {
        run(false, 1);
        List<float[]> expected = gradients();
        try (Pass pass = Pass.training(compute, arena, 5)) {
            Var hidden = pass.recomputed(x, outer -> {
                Var middle = pass.recomputed(outer, inner -> block(pass, inner, first));
                return block(pass, middle, second);
            });
            pass.backward(CrossEntropy.apply(pass, hidden, TARGETS, CrossEntropy.Options.PLAIN));
        }

        assertThat(gradients()).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void a_recomputed_part_may_not_return_its_input() {
        try (Pass pass = Pass.training(compute, arena, 5)) {
            assertThatThrownBy(() -> pass.recomputed(x, in -> in))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("returned its input");
        }
    }

    @Test
    void gradients_of_two_backward_calls_add_up() {
        run(false, 1);
        List<float[]> once = gradients();
        run(false, 0.5f);
        run(false, 0.5f);

        List<float[]> twice = gradients();

        for (int i = 0; i < once.size(); i++) {
            assertThat(twice.get(i)).containsExactly(once.get(i), within(1e-6f));
        }
    }

    @Test
    void after_a_clear_there_is_no_gradient_and_the_next_one_is_assigned_to_the_same_buffer() {
        run(false, 1);
        float[] buffer = Objects.requireNonNull(first.gradient()).array();
        float[] expected = buffer.clone();
        first.clearGradient();
        assertThat(first.gradient()).isNull();
        Arrays.fill(buffer, Float.NaN);

        run(false, 1);

        assertThat(Objects.requireNonNull(first.gradient()).array())
                .isSameAs(buffer)
                .containsExactly(expected);
    }

    @Test
    void a_second_step_reserves_no_memory() {
        run(false, 1);
        long reserved = arena.reservedBytes();
        run(false, 1);

        assertThat(arena.reservedBytes()).isEqualTo(reserved);
    }

    @Test
    void dropout_acts_in_training_only_and_follows_the_seed() {
        float[] recorded = dropped(Pass.recording(compute, arena));
        float[] seeded = dropped(Pass.training(compute, arena, 1));

        assertThat(recorded).containsExactly(x.value().toArray());
        assertThat(dropped(Pass.training(compute, arena, 1))).containsExactly(seeded);
        assertThat(dropped(Pass.training(compute, arena, 2))).isNotEqualTo(seeded);
        assertThat(seeded).contains(0);
    }

    private float[] dropped(Pass pass) {
        try (pass) {
            return Dropout.apply(pass, x, 0.5f).value().toArray();
        }
    }

    @Test
    void without_recording_a_scope_gives_back_all_but_its_result() {
        try (Pass pass = Pass.inference(compute, arena)) {
            Var kept = pass.scoped(() -> block(pass, x, first));
            assertThat(arena.usedBytes()).isEqualTo(kept.value().size() * 4L);
            assertThat(kept.requiresGradient()).isFalse();
        }
    }

    @Test
    void closing_gives_back_what_a_walk_without_backward_recorded() {
        try (Pass pass = Pass.training(compute, arena, 1)) {
            loss(pass, true);
            loss(pass, false);
            assertThat(arena.usedBytes()).isPositive();
        }
    }

    @Test
    void a_backward_that_throws_loses_no_buffer() {
        try (Pass pass = Pass.training(compute, arena, 1)) {
            Var broken = pass.output(Shape.SCALAR, x);
            Tensor saved = pass.temporary(Shape.of(3));
            pass.record(
                    broken,
                    Work.elementwise("broken", 1),
                    () -> {
                        throw new IllegalStateException("broken");
                    },
                    saved);
            assertThatThrownBy(() -> pass.backward(broken)).hasMessage("broken");
        }
    }

    @Test
    void a_value_that_no_gradient_reaches_is_passed_over() {
        try (Pass pass = Pass.training(compute, arena, 1)) {
            block(pass, x, second);
            pass.backward(loss(pass, false));
        }
        assertThat(gradients()).hasSize(3);
    }

    @Test
    void refuses_to_go_back_from_more_than_one_number() {
        try (Pass pass = Pass.training(compute, arena, 1)) {
            Var y = block(pass, x, first);
            assertThatThrownBy(() -> pass.backward(y))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("[6, 8]");
        }
    }

    @Test
    void refuses_to_go_back_without_recording() {
        try (Pass pass = Pass.inference(compute, arena)) {
            Var loss = loss(pass, false);
            assertThatThrownBy(() -> pass.backward(loss))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not record");
        }
    }

    @Test
    void a_profile_counts_calls_and_work_both_ways() {
        Profile profile = new Profile();
        try (Pass pass = Pass.training(compute, arena, 1).profiled(profile)) {
            pass.backward(loss(pass, true));
        }

        Profile.Line forward = line(profile, "linear", Profile.Direction.FORWARD);
        assertThat(forward.calls()).isEqualTo(4);
        assertThat(forward.flops()).isEqualTo(4L * 2 * ROWS * WIDTH * WIDTH);
        assertThat(forward.nanoseconds()).isPositive();
        Profile.Line backward = line(profile, "linear", Profile.Direction.BACKWARD);
        assertThat(backward.calls()).isEqualTo(2);
        assertThat(backward.flops()).isEqualTo(forward.flops());
        assertThat(profile.nanoseconds())
                .isEqualTo(profile.lines().stream()
                        .mapToLong(Profile.Line::nanoseconds)
                        .sum());
        profile.clear();
        assertThat(profile.lines()).isEmpty();
    }

    private static Profile.Line line(Profile profile, String operation, Profile.Direction direction) {
        return profile.lines().stream()
                .filter(line -> line.operation().equals(operation) && line.direction() == direction)
                .findFirst()
                .orElseThrow();
    }
}
