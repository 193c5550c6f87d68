package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Layout;
import org.junit.jupiter.api.Test;

/// Weights that stay packed from one micro-batch to the next.
class LinearPanelsTest {
    private static final int ROWS = 40;
    private static final int IN = 96;
    private static final int OUT = 70;

    private final Compute compute = Compute.create(2);

    private static Tensor random(int seed, int... dimensions) {
        Tensor tensor = Tensor.zeros(Shape.of(dimensions));
        Randomness.fillNormal(tensor, 1, seed);
        return tensor;
    }

    /// The output and the gradient of the input of one micro-batch.
    private float[][] microBatch(Var weight, int seed) {
        Var x = Var.parameter(random(seed, ROWS, IN));
        try (Pass pass = Pass.recording(compute, new Arena()).keepingPacked(true)) {
            Var y = Linear.apply(pass, x, weight, null);
            float[] output = y.value().toArray();
            pass.backward(
                    WeightedSum.apply(pass, y, random(seed + 1, ROWS * OUT).array()));
            return new float[][] {output, x.gradient().toArray()};
        }
    }

    @Test
    void a_weight_stays_packed_only_where_the_pass_was_asked_to_keep_it() {
        for (boolean keeps : new boolean[] {false, true}) {
            Var weight = Var.parameter(random(1, OUT, IN));
            Var x = Var.parameter(random(2, ROWS, IN));
            for (int batch = 0; batch < 2; batch++) {
                try (Pass pass = Pass.recording(compute, new Arena()).keepingPacked(keeps)) {
                    Var y = Linear.apply(pass, x, weight, null);
                    pass.backward(
                            WeightedSum.apply(pass, y, random(3, ROWS * OUT).array()));
                }
            }
            assertThat(weight.panelBytes())
                    .isEqualTo(
                            keeps
                                    ? weight.panels(Layout.NT).bytes()
                                            + weight.panels(Layout.NN).bytes()
                                    : 0);
            // The third use of a version finds what the first two have kept, if they counted.
            assertThat(weight.panels(Layout.NT) != null).isEqualTo(keeps);
            assertThat(weight.panels(Layout.NN) != null).isEqualTo(keeps);
        }
        compute.close();
    }

    @Test
    void micro_batches_give_the_bits_of_a_weight_that_is_used_once() {
        Var weight = Var.parameter(random(1, OUT, IN));
        for (int step = 0; step < 3; step++) {
            for (int batch = 0; batch < 4; batch++) {
                int seed = 10 * step + batch;
                Var fresh = Var.parameter(weight.value());
                assertThat(microBatch(weight, seed))
                        .as("step %d, micro-batch %d", step, batch)
                        .isDeepEqualTo(microBatch(fresh, seed));
            }
            weight.value().array()[3] += 1;
            weight.changed();
        }
        compute.close();
    }
}
