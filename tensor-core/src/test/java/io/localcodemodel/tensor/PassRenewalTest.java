package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Activate;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tensor.op.Gate;
import io.localcodemodel.tensor.op.LayerNorm;
import io.localcodemodel.tensor.op.Linear;
import io.localcodemodel.tensor.op.RmsNorm;
import io.localcodemodel.tensor.op.Rotary;
import io.localcodemodel.tensor.op.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Outputs that are given back and computed again for the way back.
class PassRenewalTest {
    private static final int ROWS = 24;
    private static final int WIDTH = 32;
    private static final long VALUE = ROWS * WIDTH * Float.BYTES;

    private final Compute compute = Compute.create(2);
    private final Arena arena = new Arena();
    private final Var x = normal(1, ROWS, WIDTH);
    private final Var narrow = normal(2, WIDTH, WIDTH);
    private final Var wide = normal(3, 2 * WIDTH, WIDTH);
    private final Var scale = normal(4, WIDTH);
    private final Var shift = normal(5, WIDTH);

    @AfterEach
    void everything_was_given_back() {
        assertThat(arena.usedBytes()).isZero();
        compute.close();
    }

    private static Var normal(long seed, int... shape) {
        Tensor value = Tensor.zeros(Shape.of(shape));
        Randomness.fillNormal(value, 0.3f, seed);
        return Var.parameter(value);
    }

    private Pass pass() {
        return Pass.training(compute, arena, 5);
    }

    /// Three products; all the rest is cheap.
    private Var block(Pass pass, Var in) {
        Var normed = RmsNorm.apply(pass, in, scale, 1e-5f, 0);
        Var gated = Gate.apply(pass, Activation.SILU, Linear.apply(pass, normed, wide, null));
        Var inner = Linear.apply(pass, LayerNorm.apply(pass, gated, scale, shift, 1e-5f), narrow, null);
        return Linear.apply(pass, Activate.apply(pass, Activation.GELU_TANH, inner), narrow, null, in);
    }

    private static Var loss(Pass pass, Var hidden) {
        int[] targets = new int[ROWS];
        Arrays.setAll(targets, i -> i % WIDTH);
        return CrossEntropy.apply(pass, hidden, targets, CrossEntropy.Options.PLAIN);
    }

    private List<float[]> gradients() {
        List<float[]> gradients = new ArrayList<>();
        for (Var leaf : List.of(x, narrow, wide, scale, shift)) {
            gradients.add(Objects.requireNonNull(leaf.gradient()).toArray());
            leaf.clearGradient();
        }
        return gradients;
    }

    @Test
    void at_the_end_of_a_scope_only_what_is_expensive_is_kept() {
        try (Pass pass = pass()) {
            pass.scoped(() -> block(pass, x));
            // The wide product, two narrow ones; of the norms a number or two for each row.
            long statistics = 3 * ROWS * Float.BYTES;
            assertThat(arena.usedBytes()).isBetween(4 * VALUE + statistics, 4 * VALUE + statistics + 128);
        }
    }

    @Test
    void the_way_back_gives_the_same_bits_as_with_all_values_kept() {
        try (Pass pass = pass()) {
            pass.backward(loss(pass, block(pass, block(pass, x))));
        }
        List<float[]> expected = gradients();

        try (Pass pass = pass()) {
            Var first = pass.scoped(() -> block(pass, x));
            pass.backward(loss(pass, pass.scoped(() -> block(pass, first))));
        }

        assertThat(gradients()).usingRecursiveComparison().isEqualTo(expected);
    }

    @Test
    void the_peak_of_a_step_grows_by_what_is_expensive_alone() {
        assertThat(peak(12) - peak(2)).isBetween(10 * 4 * VALUE, 10 * 4 * VALUE + 10 * VALUE / 8);
    }

    private long peak(int layers) {
        Arena fresh = new Arena();
        try (Pass pass = Pass.training(compute, fresh, 5)) {
            Var hidden = x;
            for (int i = 0; i < layers; i++) {
                Var in = hidden;
                hidden = pass.scoped(() -> block(pass, in));
            }
            pass.backward(loss(pass, hidden));
        }
        gradients();
        return fresh.peakBytes();
    }

    @Test
    void a_value_computed_again_is_given_back_after_the_backward_that_asked() {
        try (Pass pass = pass()) {
            AtomicReference<Var> cheap = new AtomicReference<>();
            long[] used = new long[2];
            Var y = pass.scoped(() -> {
                cheap.set(Activate.apply(pass, Activation.SILU, x));
                Var reader = pass.output(Shape.SCALAR, x);
                reader.value().fill(1);
                pass.record(reader, Work.elementwise("later", 1), () -> used[1] = arena.usedBytes());
                Var last = pass.output(Shape.SCALAR, x);
                last.value().fill(1);
                pass.record(last, Work.elementwise("reader", 1), () -> {
                    assertThat(cheap.get().value().size()).isEqualTo(ROWS * WIDTH);
                    used[0] = arena.usedBytes();
                    pass.gradient(reader);
                });
                return last;
            });
            pass.backward(y);
            assertThat(used[0] - used[1]).isGreaterThanOrEqualTo(VALUE);
        }
    }

    @Test
    void what_is_changed_in_place_is_kept() {
        RotaryTable table = new RotaryTable(RotaryTable.inverseFrequencies(4, 10_000), ROWS, false);
        int[] positions = new int[ROWS];
        Arrays.setAll(positions, i -> i);
        try (Pass pass = pass()) {
            AtomicReference<Var> turned = new AtomicReference<>();
            AtomicReference<float[]> expected = new AtomicReference<>();
            pass.scoped(() -> {
                Var normed = LayerNorm.apply(pass, x, scale, shift, 1e-5f);
                turned.set(Rotary.apply(pass, normed, table, positions, 4, 2, 4));
                expected.set(normed.value().toArray());
                return Linear.apply(pass, normed, narrow, null);
            });
            assertThat(turned.get().value().toArray()).isEqualTo(expected.get());
        }
    }

    @Test
    void a_worker_may_not_compute_a_value_again() throws InterruptedException {
        try (Pass pass = pass()) {
            AtomicReference<Var> inner = new AtomicReference<>();
            pass.scoped(() -> {
                inner.set(Activate.apply(pass, Activation.SILU, x));
                return Linear.apply(pass, inner.get(), narrow, null);
            });
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread worker = Thread.ofPlatform()
                    .unstarted(() -> assertThatThrownBy(() -> inner.get().value())
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("read by a worker"));
            worker.setUncaughtExceptionHandler((thread, failure) -> thrown.set(failure));
            worker.start();
            worker.join();
            assertThat(thrown.get()).isNull();
        }
    }

    @Test
    void a_part_that_runs_again_leaves_out_its_last_product() {
        Profile profile = new Profile();
        try (Pass pass = pass()) {
            pass.backward(loss(pass, block(pass, x)));
        }
        List<float[]> expected = gradients();

        try (Pass pass = pass().profiled(profile)) {
            pass.backward(loss(pass, pass.recomputed(x, in -> block(pass, in))));
        }

        assertThat(gradients()).usingRecursiveComparison().isEqualTo(expected);
        assertThat(profile.lines())
                .filteredOn(line -> line.operation().equals("linear") && line.direction() == Profile.Direction.FORWARD)
                .singleElement()
                .extracting(Profile.Line::calls)
                .isEqualTo(3L + 2);
    }

    @Test
    void a_part_that_ends_otherwise_when_it_runs_again_is_refused() {
        AtomicReference<Boolean> again = new AtomicReference<>(false);
        try (Pass pass = pass()) {
            Var y = pass.recomputed(x, in -> {
                Var product = Linear.apply(pass, in, narrow, null);
                return again.getAndSet(true) ? Activate.apply(pass, Activation.SILU, product) : product;
            });
            Var loss = loss(pass, y);
            assertThatThrownBy(() -> pass.backward(loss)).hasMessageContaining("ended in another operation");
        }
    }
}
