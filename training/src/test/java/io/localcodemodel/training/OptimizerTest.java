package io.localcodemodel.training;

import static io.localcodemodel.training.GoldenOptimizers.addGradient;
import static io.localcodemodel.training.GoldenOptimizers.list;
import static io.localcodemodel.training.GoldenOptimizers.map;
import static io.localcodemodel.training.GoldenOptimizers.number;
import static io.localcodemodel.training.GoldenOptimizers.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
    private static final float CLOSE = 2e-6f;

    private static void assertClose(Tensor found, Tensor expected) {
        assertThat(found.shape()).isEqualTo(expected.shape());
        assertThat(found.toArray()).containsExactly(expected.toArray(), within(CLOSE));
    }

    private static Parameter hidden(String name, Var variable, Integer... rowGroups) {
        return new Parameter(name, variable, Parameter.Role.HIDDEN, List.of(rowGroups));
    }

    private static Parameter vector(String name, Var variable) {
        return new Parameter(
                name, variable, Parameter.Role.VECTOR, List.of(variable.shape().rows()));
    }

    @Test
    void adamw_takes_the_five_reference_steps() {
        Map<String, Object> golden = GoldenOptimizers.cases("adamw").getFirst();
        Map<String, Object> initial = map(golden.get("initial"));
        Var w = Var.parameter(tensor(initial.get("w")));
        Var b = Var.parameter(tensor(initial.get("b")));
        Map<String, Object> attributes = map(golden.get("attrs"));
        float rate = number(attributes.get("lr"));
        AdamW adamW = new AdamW(
                number(list(attributes.get("betas")).get(0)),
                number(list(attributes.get("betas")).get(1)),
                number(attributes.get("eps")),
                number(attributes.get("weight_decay_w")));
        try (Compute compute = Compute.create(2)) {
            Optimizer.State state = adamW.start(List.of(hidden("w", w, w.shape().rows()), vector("b", b)));
            for (int step = 0; step < 5; step++) {
                Map<String, Object> gradients = map(list(golden.get("grads")).get(step));
                addGradient(w, tensor(gradients.get("w")));
                addGradient(b, tensor(gradients.get("b")));
                long version = w.version();
                state.step(compute, rate, 1);
                Map<String, Object> after = map(list(golden.get("after_step")).get(step));
                assertClose(w.value(), tensor(after.get("w")));
                assertClose(b.value(), tensor(after.get("b")));
                assertThat(w.version()).isEqualTo(version + 1);
                w.clearGradient();
                b.clearGradient();
            }
            assertThat(state.steps()).isEqualTo(5);
        }
    }

    static Stream<Map<String, Object>> muonCases() {
        return GoldenOptimizers.cases("muon").stream();
    }

    @ParameterizedTest
    @MethodSource("muonCases")
    void muon_takes_the_three_reference_steps(Map<String, Object> golden) {
        Map<String, Object> attributes = map(golden.get("attrs"));
        Muon muon = Muon.defaults()
                .withWeightDecay(number(attributes.get("weight_decay")))
                .withScale(
                        attributes.get("scale").equals("original") ? Muon.Scale.ORIGINAL : Muon.Scale.MATCH_RMS_ADAMW);
        Var w = Var.parameter(tensor(golden.get("initial")));
        Optimizer.State state = muon.start(List.of(hidden("w", w, w.shape().rows())));
        for (int step = 0; step < 3; step++) {
            // Handed over twice as long and half the scale, as clipping does.
            addGradient(w, tensor(list(golden.get("grads")).get(step)));
            addGradient(w, tensor(list(golden.get("grads")).get(step)));
            state.step(Compute.reference(), number(attributes.get("lr")), 0.5f);
            assertClose(w.value(), tensor(list(golden.get("after_step")).get(step)));
            w.clearGradient();
        }
    }

    @ParameterizedTest
    @MethodSource("muonCases")
    void newton_schulz_gives_the_reference_matrix(Map<String, Object> golden) {
        Tensor gradient = tensor(list(golden.get("grads")).getFirst());
        Scratch scratch = new Scratch();
        System.arraycopy(gradient.array(), 0, scratch.floats(Scratch.FIRST_FREE, gradient.size()), 0, gradient.size());
        float[] result = NewtonSchulz.orthogonalise(
                Kernels.fastest(),
                scratch,
                Scratch.FIRST_FREE,
                gradient.shape().rows(),
                gradient.shape().columns(),
                5);
        assertClose(
                Tensor.of(gradient.shape(), Arrays.copyOf(result, gradient.size())),
                tensor(golden.get("newton_schulz_of_first_grad")));
    }

    @Test
    void muon_treats_stacked_matrices_as_if_they_were_apart() {
        Tensor values = Tensor.zeros(Shape.of(12, 8));
        Randomness.fillNormal(values, 1, 1);
        Tensor slopes = Tensor.zeros(Shape.of(12, 8));
        Randomness.fillNormal(slopes, 1, 2);
        Var stacked = Var.parameter(Tensor.of(values.shape(), values.toArray()));
        Var upper = Var.parameter(Tensor.of(Shape.of(4, 8), values.rows(0, 4).toArray()));
        Var lower = Var.parameter(Tensor.of(Shape.of(8, 8), values.rows(4, 12).toArray()));
        addGradient(stacked, slopes);
        addGradient(upper, slopes.rows(0, 4));
        addGradient(lower, slopes.rows(4, 12));
        try (Compute compute = Compute.create(2)) {
            Muon.defaults().start(List.of(hidden("s", stacked, 4, 8))).step(compute, 0.01f, 1);
        }
        Muon.defaults()
                .start(List.of(hidden("u", upper, 4), hidden("l", lower, 8)))
                .step(Compute.create(1), 0.01f, 1);
        assertThat(stacked.value().rows(0, 4).toArray()).isEqualTo(upper.value().toArray());
        assertThat(stacked.value().rows(4, 12).toArray())
                .isEqualTo(lower.value().toArray());
    }

    @Test
    void muon_leaves_vectors_and_embeddings_to_adamw() {
        Var table = Var.parameter(Tensor.of(Shape.of(2, 2), 1, 2, 3, 4));
        Var same = Var.parameter(Tensor.of(Shape.of(2, 2), 1, 2, 3, 4));
        addGradient(table, Tensor.of(Shape.of(2, 2), 1, -1, 2, -2));
        addGradient(same, Tensor.of(Shape.of(2, 2), 1, -1, 2, -2));
        Muon.defaults()
                .start(List.of(new Parameter("table", table, Parameter.Role.EMBEDDING, List.of(2))))
                .step(Compute.reference(), 0.01f, 1);
        AdamW.defaults()
                .start(List.of(new Parameter("table", same, Parameter.Role.EMBEDDING, List.of(2))))
                .step(Compute.reference(), 0.01f, 1);
        assertThat(table.value().toArray()).isEqualTo(same.value().toArray());
    }

    @Test
    void the_global_norm_and_its_clipping_are_the_reference() {
        Map<String, Object> golden = GoldenOptimizers.cases("clip_grad_norm").getFirst();
        List<Parameter> parameters = list(golden.get("grads")).stream()
                .map(GoldenOptimizers::tensor)
                .map(gradient -> {
                    Var variable = Var.parameter(Tensor.zeros(gradient.shape()));
                    addGradient(variable, gradient);
                    return vector("p" + gradient.size(), variable);
                })
                .toList();
        double norm;
        try (Compute compute = Compute.create(2)) {
            norm = new ParameterBlocks(parameters).gradientNorm(compute);
        }
        assertThat(norm).isEqualTo((double) number(golden.get("total_norm")), within(1e-6));
        float scale = TrainingRun.clipping(1, norm);
        for (int i = 0; i < parameters.size(); i++) {
            Tensor gradient = parameters.get(i).variable().gradient();
            assertThat(gradient).isNotNull();
            Kernels.reference().scale(scale, gradient.array(), gradient.offset(), gradient.size());
            assertClose(gradient, tensor(list(golden.get("clipped")).get(i)));
        }
        assertThat(TrainingRun.clipping(10, norm)).isEqualTo(1);
        assertThat(TrainingRun.clipping(0, norm)).isEqualTo(1);
    }

    @Test
    void a_parameter_without_gradient_stays_as_it_is() {
        Var variable = Var.parameter(Tensor.of(Shape.of(2, 2), 1, 2, 3, 4));
        AdamW.defaults().start(List.of(hidden("w", variable, 2))).step(Compute.reference(), 0.1f, 1);
        Muon.defaults().start(List.of(hidden("w", variable, 2))).step(Compute.reference(), 0.1f, 1);
        assertThat(variable.value().toArray()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void recipes_refuse_numbers_that_make_no_sense() {
        assertThatThrownBy(() -> new AdamW(1, 0.9f, 1e-8f, 0)).hasMessageContaining("beta1 lies in [0, 1), found 1.0");
        assertThatThrownBy(() -> AdamW.defaults().withWeightDecay(-1)).hasMessageContaining("weight decay");
        assertThatThrownBy(() -> Muon.defaults().withRateFactor(0)).hasMessageContaining("rate factor");
        float infinity = Float.POSITIVE_INFINITY;
        assertThatThrownBy(() -> Muon.defaults().withRateFactor(infinity)).hasMessageContaining("rate factor");
        assertThatThrownBy(() -> Muon.defaults().withWeightDecay(infinity)).hasMessageContaining("weight decay");
        assertThatThrownBy(() -> AdamW.defaults().withWeightDecay(infinity)).hasMessageContaining("weight decay");
        assertThatThrownBy(() -> new AdamW(0, 0, infinity, 0)).hasMessageContaining("epsilon");
    }
}
