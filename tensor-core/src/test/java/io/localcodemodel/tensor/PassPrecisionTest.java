package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Activate;
import io.localcodemodel.tensor.op.Add;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tensor.op.Dropout;
import io.localcodemodel.tensor.op.Linear;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PassPrecisionTest {
    private static final int ROWS = 24;
    private static final int WIDTH = 32;
    private static final int LAYERS = 6;
    /// One value of a layer in floats.
    private static final long VALUE = ROWS * WIDTH * Float.BYTES;

    private final Compute compute = Compute.reference();
    private final Arena arena = new Arena();
    private final Var x = normal(1, ROWS, WIDTH);
    private final Var weight = normal(2, WIDTH, WIDTH);

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

    private Pass pass(Precision precision) {
        return Pass.training(compute, arena, 5).precision(precision);
    }

    /// Keeps two values besides its result: the product, and what is dropped. The activation between them is computed again.
    private Var block(Pass pass, Var in) {
        Var inner = Activate.apply(pass, Activation.SILU, Linear.apply(pass, in, weight, null));
        return Add.apply(pass, in, Dropout.apply(pass, inner, 0.4f));
    }

    /// As a model is built: each scope holds all that came before it, so that its end rounds the stream between blocks.
    private Var after(int count, Pass pass, boolean recomputed) {
        if (count == 0) {
            return x;
        }
        return pass.scoped(() -> {
            Var in = after(count - 1, pass, recomputed);
            return recomputed ? pass.recomputed(in, part -> block(pass, part)) : block(pass, in);
        });
    }

    private Var stack(Pass pass, boolean recomputed) {
        return pass.scoped(() -> Activate.apply(pass, Activation.SILU, after(LAYERS, pass, recomputed)));
    }

    private static Var loss(Pass pass, Var hidden) {
        int[] targets = new int[ROWS];
        Arrays.setAll(targets, i -> i % WIDTH);
        return CrossEntropy.apply(pass, hidden, targets, CrossEntropy.Options.PLAIN);
    }

    private float[] gradients(Precision precision, boolean recomputed) {
        try (Pass pass = pass(precision)) {
            pass.backward(loss(pass, stack(pass, recomputed)));
        }
        float[] gradient = Objects.requireNonNull(weight.gradient()).toArray();
        float[] both = Arrays.copyOf(gradient, gradient.length + ROWS * WIDTH);
        Tensor dX = Objects.requireNonNull(x.gradient());
        System.arraycopy(dX.array(), dX.offset(), both, gradient.length, dX.size());
        weight.clearGradient();
        x.clearGradient();
        return both;
    }

    @Test
    void what_finished_parts_keep_takes_half_the_bytes() {
        long values = 3 * LAYERS;
        try (Pass pass = pass(Precision.F32)) {
            stack(pass, false);
            assertThat(arena.usedBytes()).isEqualTo((values + 1) * VALUE);
        }
        try (Pass pass = pass(Precision.BF16)) {
            Var hidden = stack(pass, false);
            // The result of the last part is still to be read.
            assertThat(arena.usedBytes()).isEqualTo(values * VALUE / 2 + VALUE);
            assertThat(hidden.pairs()).isNull();
        }
    }

    @Test
    void the_peak_of_a_step_is_lower() {
        gradients(Precision.F32, false);
        long floats = arena.peakBytes();
        Arena other = new Arena();
        try (Pass pass = Pass.training(compute, other, 5).precision(Precision.BF16)) {
            pass.backward(loss(pass, stack(pass, false)));
        }
        assertThat(other.usedBytes()).isZero();
        // A few values of the last block, one being rounded and one of the loss are floats, whatever the depth.
        assertThat(floats).isGreaterThanOrEqualTo((3 * LAYERS + 2) * VALUE);
        assertThat(other.peakBytes()).isLessThanOrEqualTo(3 * LAYERS * VALUE / 2 + 5 * VALUE);
    }

    @Test
    void the_forward_is_that_of_floats_and_the_gradients_are_close() {
        float[] expected = gradients(Precision.F32, false);
        float[] actual = gradients(Precision.BF16, false);
        double distance = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            distance += Math.pow(expected[i] - actual[i], 2);
            length += Math.pow(expected[i], 2);
        }
        // Each of the values that a gradient passes is off by at most 1 part in 256.
        assertThat(Math.sqrt(distance / length)).isPositive().isLessThan(1.0 / 256);
        try (Pass floats = pass(Precision.F32);
                Pass halves = pass(Precision.BF16)) {
            float[] expectedOutput = stack(floats, false).value().toArray();
            assertThat(Arrays.equals(stack(halves, false).value().toArray(), expectedOutput))
                    .isTrue();
        }
    }

    @Test
    void recomputed_parts_give_the_same_bits_with_dropout() {
        assertThat(Arrays.equals(gradients(Precision.BF16, true), gradients(Precision.BF16, false)))
                .isTrue();
    }

    @Test
    void what_is_to_stay_exact_is_not_rounded() {
        try (Pass pass = pass(Precision.BF16)) {
            AtomicReference<Var> exact = new AtomicReference<>();
            AtomicReference<Var> other = new AtomicReference<>();
            pass.scoped(() -> {
                exact.set(Linear.apply(pass, x, weight, null));
                exact.get().keepExact();
                other.set(Linear.apply(pass, exact.get(), weight, null));
                return Linear.apply(pass, other.get(), weight, null);
            });
            assertThat(exact.get().pairs()).isNull();
            assertThat(other.get().pairs()).isNotNull();
        }
    }

    @Test
    void a_pass_that_is_closed_early_gives_everything_back() {
        try (Pass pass = pass(Precision.BF16)) {
            Var hidden = stack(pass, false);
            assertThat(hidden.value().size()).isEqualTo(ROWS * WIDTH);
        }
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void a_worker_may_not_widen_a_value() throws InterruptedException {
        try (Pass pass = pass(Precision.BF16)) {
            AtomicReference<Var> inner = new AtomicReference<>();
            pass.scoped(() -> {
                inner.set(Activate.apply(pass, Activation.SILU, x));
                return Activate.apply(pass, Activation.SILU, inner.get());
            });
            Thread worker = Thread.ofPlatform()
                    .start(() -> assertThatThrownBy(() -> inner.get().value())
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("read by a worker"));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            worker.setUncaughtExceptionHandler((thread, failure) -> thrown.set(failure));
            worker.join();
            assertThat(thrown.get()).isNull();
            assertThat(inner.get().value().size()).isEqualTo(ROWS * WIDTH);
        }
    }

    @Test
    void weights_are_split_and_joined_without_loss() {
        float[] before = weight.value().toArray();
        MasterWeights.split(compute, weight);
        MasterWeights.split(compute, weight);
        assertThat(Objects.requireNonNull(weight.pairs()).size()).isEqualTo(before.length / 2);
        assertThatThrownBy(weight::value)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("MasterWeights.join");
        MasterWeights.join(compute, weight);
        MasterWeights.join(compute, weight);
        assertThat(weight.value().toArray()).isEqualTo(before);
        assertThat(weight.pairs()).isNull();
    }

    @Test
    void a_leaf_of_an_odd_size_is_not_split() {
        Var odd = normal(3, 3, 5);
        assertThat(MasterWeights.splits(odd)).isFalse();
        assertThatThrownBy(() -> MasterWeights.split(compute, odd)).hasMessageContaining("even number");
    }
}
