package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.file.SafetensorsFile;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.AdamWStep;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// What the model computes against what an independent framework computes with the same files.
class GoldenModelTest {
    private static final double GRADIENT = 1e-4;

    @ParameterizedTest
    @FamilySource
    void logits_are_those_of_the_reference(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model();
        try (Compute compute = Compute.create(2);
                Pass pass = Pass.inference(compute, new Arena())) {
            Var hidden = model.hidden(pass, golden.batch());
            float[] logits = model.logits(pass, hidden).value().toArray();
            assertThat(logits).hasSameSizeAs(golden.logits()).containsExactly(golden.logits(), within(1e-4f));
        }
    }

    @ParameterizedTest
    @FamilySource
    void the_explicit_mask_gives_the_same_logits(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model().withExplicitMask();
        try (Compute compute = Compute.reference();
                Pass pass = Pass.inference(compute, new Arena())) {
            Var hidden = model.hidden(pass, golden.batch());
            float[] logits = model.logits(pass, hidden).value().toArray();
            assertThat(logits).containsExactly(golden.logits(), within(1e-4f));
        }
    }

    @ParameterizedTest
    @FamilySource
    void the_stream_between_blocks_is_that_of_the_reference(String family) throws IOException {
        Golden golden = Golden.of(family);
        DecoderTransformer model = (DecoderTransformer) golden.model();
        List<?> states = (List<?>) Objects.requireNonNull(
                Golden.map(golden.object("hidden_states")).get("model"));
        List<Tensor> found = new ArrayList<>();
        try (Compute compute = Compute.create(2);
                Pass pass = Pass.inference(compute, new Arena())) {
            model.hidden(
                    pass,
                    golden.batch(),
                    state -> found.add(Tensor.of(state.shape(), state.value().toArray())));
        }
        assertThat(found).hasSameSizeAs(states);
        for (int i = 0; i < found.size(); i++) {
            Golden.assertSummary("state " + i, found.get(i), Golden.map(states.get(i)), 1e-5, 1e-6);
        }
    }

    @ParameterizedTest
    @FamilySource
    void the_loss_and_every_gradient_are_those_of_the_reference(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model();
        backward(golden, model, false, Compute.create(2));
        double floor = 1e-6 * golden.number("grad_global_norm");
        Map<String, Tensor> gradients = golden.inTheirLayout(
                model, variable -> Objects.requireNonNull(variable.gradient(), "every parameter has a gradient"));
        assertThat(gradients.keySet())
                .containsExactlyInAnyOrderElementsOf(golden.object("gradients").keySet().stream()
                        .map(String::valueOf)
                        .toList());
        gradients.forEach((name, gradient) -> Golden.assertSummary(
                name, gradient, Golden.map(golden.object("gradients").get(name)), GRADIENT, floor));
    }

    private static float backward(Golden golden, Transformer model, boolean recomputing, Compute compute) {
        try (compute;
                Pass pass = Pass.recording(compute, new Arena()).recomputing(recomputing)) {
            Var loss = model.loss(pass, golden.batch(), golden.targets());
            float value = loss.value().scalar();
            assertThat((double) value).isCloseTo(golden.number("loss"), within(1e-5));
            pass.backward(loss);
            return value;
        }
    }

    @ParameterizedTest
    @FamilySource
    void recomputing_blocks_and_the_number_of_workers_change_no_bit_of_a_gradient(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer kept = golden.model();
        Transformer recomputed = golden.model();
        Transformer alone = golden.model();
        backward(golden, kept, false, Compute.create(2));
        backward(golden, recomputed, true, Compute.create(2));
        backward(golden, alone, false, Compute.create(1));
        for (int i = 0; i < kept.parameters().size(); i++) {
            Parameter parameter = kept.parameters().get(i);
            float[] gradient = gradient(parameter);
            assertThat(gradient(recomputed.parameters().get(i)))
                    .as("recomputed " + parameter)
                    .isEqualTo(gradient);
            assertThat(gradient(alone.parameters().get(i)))
                    .as("one worker " + parameter)
                    .isEqualTo(gradient);
        }
    }

    private static float[] gradient(Parameter parameter) {
        return Objects.requireNonNull(parameter.variable().gradient(), parameter.name())
                .toArray();
    }

    @ParameterizedTest
    @FamilySource
    void greedy_decoding_gives_the_ids_of_the_reference_with_and_without_cache(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model();
        int[][] prompts = Golden.ids(golden.object("greedy").get("prompt"));
        int[][] expected = Golden.ids(golden.object("greedy").get("ids"));
        try (Compute compute = Compute.create(2)) {
            for (int i = 0; i < prompts.length; i++) {
                assertThat(uncached(model, compute, prompts[i], expected[i].length))
                        .isEqualTo(expected[i]);
                assertThat(cached(model, compute, prompts[i], expected[i].length))
                        .isEqualTo(expected[i]);
            }
        }
    }

    private static int[] uncached(Transformer model, Compute compute, int[] prompt, int count) {
        int[] ids = prompt;
        Arena arena = new Arena();
        while (ids.length < prompt.length + count) {
            try (Pass pass = Pass.inference(compute, arena)) {
                Var hidden = model.hidden(pass, TokenBatch.single(ids, 0));
                Var logits = model.logits(pass, hidden, new int[] {ids.length - 1});
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = best(logits.value().toArray());
            }
        }
        return Arrays.copyOfRange(ids, prompt.length, ids.length);
    }

    private static int[] cached(Transformer model, Compute compute, int[] prompt, int count) {
        int[] found = new int[count];
        int[] next = prompt;
        KvCache cache = model.newCache(4);
        Arena arena = new Arena();
        for (int i = 0; i < count; i++) {
            try (Pass pass = Pass.inference(compute, arena)) {
                Var hidden = model.hidden(pass, TokenBatch.single(next, cache.length()), cache);
                found[i] = best(model.logits(pass, hidden, new int[] {next.length - 1})
                        .value()
                        .toArray());
                next = new int[] {found[i]};
            }
        }
        return found;
    }

    static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    @ParameterizedTest
    @FamilySource
    void a_cache_filled_token_by_token_gives_the_bits_of_one_forward(String family) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model();
        int[] ids =
                Arrays.copyOf(golden.batch().ids(), golden.batch().sequences().length(0));
        try (Compute compute = Compute.reference();
                Pass whole = Pass.inference(compute, new Arena())) {
            Var hidden = model.hidden(whole, TokenBatch.single(ids, 0));
            KvCache cache = model.newCache(ids.length);
            for (int t = 0; t < ids.length; t++) {
                try (Pass pass = Pass.inference(compute, new Arena())) {
                    Var one = model.hidden(pass, TokenBatch.single(new int[] {ids[t]}, t), cache);
                    assertThat(model.logits(pass, one).value().toArray())
                            .isEqualTo(model.logits(whole, hidden, new int[] {t})
                                    .value()
                                    .toArray());
                }
            }
        }
    }

    @ParameterizedTest
    @FamilySource
    void a_loaded_model_is_saved_as_a_model_of_its_family(String family, @TempDir Path folder) throws IOException {
        Golden golden = Golden.of(family);
        Transformer model = golden.model();
        model.save(folder);
        assertThat(Json.read(folder.resolve("config.json")))
                .containsEntry(
                        "model_type",
                        Json.read(golden.folder().resolve("config.json")).get("model_type"));
        Transformer again = Transformer.load(folder);
        assertThat(again.config()).isEqualTo(model.config());
        Set<String> names = golden.inTheirLayout(model, Var::value).keySet();
        try (SafetensorsFile saved = SafetensorsFile.open(folder.resolve("model.safetensors"));
                SafetensorsFile original = SafetensorsFile.open(golden.folder().resolve("model.safetensors"))) {
            for (String name : names) {
                String canonical = family.equals("gpt2_hub") ? "transformer." + name : name;
                assertThat(saved.floats(canonical)).as(name).isEqualTo(original.floats(name));
            }
            assertThat(saved.entries()).hasSameSizeAs(names);
        }
    }

    @ParameterizedTest
    @FamilySource
    void ten_steps_of_adamw_follow_the_reference(String family) throws IOException {
        Golden golden = Golden.of(family);
        Map<?, ?> adamW = golden.object("adamw");
        List<?> losses = (List<?>) Objects.requireNonNull(adamW.get("losses"));
        Transformer model = golden.model();
        Arena arena = new Arena();
        try (Compute compute = new Compute(Kernels.fastest(), Workers.of(2))) {
            AdamWSteps optimizer = new AdamWSteps(model, adamW);
            for (int step = 0; step < losses.size(); step++) {
                try (Pass pass = Pass.recording(compute, arena)) {
                    Var loss = model.loss(pass, golden.batch(), golden.targets());
                    assertThat((double) loss.value().scalar())
                            .as("loss after " + step + " steps")
                            .isCloseTo(((Number) Objects.requireNonNull(losses.get(step))).doubleValue(), within(1e-4));
                    if (step + 1 < losses.size()) {
                        pass.backward(loss);
                        optimizer.step(compute.kernels());
                    }
                }
            }
        }
        Map<?, ?> finals = Golden.map(adamW.get("final_params"));
        golden.inTheirLayout(model, Var::value).forEach((name, tensor) -> {
            // A bias of keys has no gradient but rounding, which Adam scales up to whole steps.
            if (tensor.shape().rank() >= 2) {
                Golden.assertSummary(name, tensor, Golden.map(finals.get(name)), 1e-4, 0);
            }
        });
    }

    /// The optimiser's kernel over all parameters of a model.
    private static final class AdamWSteps {
        private final List<Parameter> parameters;
        private final List<float[]> first = new ArrayList<>();
        private final List<float[]> second = new ArrayList<>();
        private final Map<?, ?> settings;
        private final double beta1;
        private final double beta2;
        private int steps;

        AdamWSteps(Transformer model, Map<?, ?> settings) {
            parameters = model.parameters();
            this.settings = settings;
            List<?> betas = (List<?>) Objects.requireNonNull(settings.get("betas"));
            beta1 = ((Number) Objects.requireNonNull(betas.get(0))).doubleValue();
            beta2 = ((Number) Objects.requireNonNull(betas.get(1))).doubleValue();
            for (Parameter parameter : parameters) {
                first.add(new float[parameter.shape().size()]);
                second.add(new float[parameter.shape().size()]);
            }
        }

        void step(Kernels kernels) {
            steps++;
            for (int i = 0; i < parameters.size(); i++) {
                Parameter parameter = parameters.get(i);
                Tensor value = parameter.variable().value();
                Tensor gradient = Objects.requireNonNull(parameter.variable().gradient());
                kernels.adamW(
                        value.array(),
                        value.offset(),
                        gradient.array(),
                        gradient.offset(),
                        first.get(i),
                        0,
                        second.get(i),
                        0,
                        value.size(),
                        new AdamWStep(
                                (float) Golden.number(settings, "lr"),
                                (float) beta1,
                                (float) beta2,
                                (float) Golden.number(settings, "eps"),
                                parameter.decays() ? (float) Golden.number(settings, "weight_decay") : 0,
                                (float) (1 - Math.pow(beta1, steps)),
                                (float) (1 - Math.pow(beta2, steps)),
                                1));
                parameter.variable().changed();
                parameter.variable().clearGradient();
            }
        }
    }
}
