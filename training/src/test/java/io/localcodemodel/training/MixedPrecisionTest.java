package io.localcodemodel.training;

import static io.localcodemodel.training.TinyRuns.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MixedPrecisionTest {
    @TempDir
    Path folder;

    static Stream<Optimizer> optimizers() {
        return Stream.of(AdamW.defaults(), Muon.defaults());
    }

    static Stream<TransformerConfig> models() {
        return Stream.of(
                TransformerConfig.gpt2()
                        .vocabularySize(TinyRuns.VOCABULARY)
                        .contextLength(32)
                        .layers(3)
                        .width(32)
                        .heads(4)
                        .build(),
                TransformerConfig.llama()
                        .vocabularySize(TinyRuns.VOCABULARY)
                        .contextLength(32)
                        .layers(3)
                        .width(32)
                        .heads(4)
                        .kvHeads(2)
                        .build());
    }

    private static List<Float> losses(TransformerConfig config, Precision precision) {
        TinyRuns.Losses heard = new TinyRuns.Losses();
        Trainer.builder()
                .model(Transformer.initialise(config, 1))
                .tokens(TinyRuns.tokens(4, 60, 3))
                .schedule(Schedule.warmupCosine(10L, 150L, 5e-3f, 5e-4f))
                .batch(4)
                .steps(150)
                .seed(11)
                .precision(precision)
                .listener(heard)
                .build()
                .run();
        return heard.losses;
    }

    /// The stated distance, of losses averaged over 10 steps: 1 part in 100 of the loss in f32 over the first 60 steps, 5
    /// parts in 100 to the end of a run that learns its texts by heart, where the loss is small and any two runs part.
    @ParameterizedTest
    @MethodSource("models")
    void the_curve_of_the_loss_stays_close_to_that_of_floats(TransformerConfig config) {
        List<Float> expected = losses(config, Precision.F32);
        List<Float> actual = losses(config, Precision.BF16);
        assertThat(actual).isNotEqualTo(expected);
        assertThat(expected.getLast()).isLessThan(0.3f * expected.getFirst());
        for (int step = 10; step <= expected.size(); step++) {
            double wanted = mean(expected.subList(step - 10, step));
            assertThat(Math.abs(mean(actual.subList(step - 10, step)) - wanted) / wanted)
                    .as("steps to %d", step)
                    .isLessThan(step <= 60 ? 0.01 : 0.05);
        }
    }

    private static double mean(List<Float> losses) {
        return losses.stream().mapToDouble(Float::doubleValue).average().orElseThrow();
    }

    private static TrainerBuilder run(Transformer model) {
        return TinyRuns.run(model).precision(Precision.BF16);
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void the_number_of_workers_changes_nothing(Optimizer optimizer) {
        Transformer one = TinyRuns.modelWithDropout();
        Transformer three = TinyRuns.modelWithDropout();
        run(one).optimizer(optimizer).accumulate(2).steps(6).workers(1).build().run();
        run(three)
                .optimizer(optimizer)
                .accumulate(2)
                .steps(6)
                .workers(3)
                .build()
                .run();
        assertThat(weights(three)).isDeepEqualTo(weights(one));
    }

    @Test
    void recomputing_activations_changes_nothing() {
        Transformer plain = TinyRuns.modelWithDropout();
        Transformer again = TinyRuns.modelWithDropout();
        run(plain).steps(6).build().run();
        run(again).steps(6).checkpointing(true).build().run();
        assertThat(weights(again)).isDeepEqualTo(weights(plain));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void twenty_steps_are_ten_and_save_and_load_and_ten_bit_for_bit(Optimizer optimizer) {
        Checkpoints checkpoints = Checkpoints.in(folder.resolve("run")).every(5);
        TinyRuns.Losses expected = new TinyRuns.Losses();
        Transformer whole = TinyRuns.modelWithDropout();
        run(whole).optimizer(optimizer).steps(20).listener(expected).build().run();

        TinyRuns.Losses found = new TinyRuns.Losses();
        run(TinyRuns.modelWithDropout())
                .optimizer(optimizer)
                .steps(10)
                .checkpoints(checkpoints)
                .listener(found)
                .build()
                .run();
        Transformer resumed = Transformer.initialise(TinyRuns.config(0.2f), 999);
        run(resumed)
                .optimizer(optimizer)
                .steps(20)
                .checkpoints(checkpoints)
                .resume()
                .listener(found)
                .build()
                .run();

        assertThat(found.losses).isEqualTo(expected.losses);
        assertThat(weights(resumed)).isDeepEqualTo(weights(whole));
    }

    @Test
    void a_run_is_resumed_in_its_own_precision() {
        Checkpoints checkpoints = Checkpoints.in(folder.resolve("run"));
        run(TinyRuns.model()).steps(2).checkpoints(checkpoints).build().run();
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(4)
                        .checkpoints(checkpoints)
                        .resume()
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("precision=now F32, in the checkpoint BF16");
    }

    /// Nothing that was rounded is left in the weights: they are those of floats, as far as one step can tell.
    @Test
    void the_optimizer_changes_exact_weights() {
        Transformer model = TinyRuns.model();
        float[][] before = weights(model);
        Trainer.builder()
                .model(model)
                .tokens(TinyRuns.tokens(6, 40, 3))
                .schedule(Schedule.constant(1e-6f))
                .precision(Precision.BF16)
                .steps(1)
                .build()
                .run();
        float[][] after = weights(model);
        for (int i = 0; i < after.length; i++) {
            assertThat(after[i]).isNotEqualTo(before[i]);
            for (int j = 0; j < after[i].length; j++) {
                assertThat(Math.abs(after[i][j] - before[i][j])).isLessThanOrEqualTo(2e-6f);
            }
        }
    }

    @Test
    void validation_measures_the_rounded_weights_and_files_hold_the_exact_ones() throws IOException {
        Transformer model = TinyRuns.model();
        Checkpoints checkpoints = Checkpoints.in(folder.resolve("run"));
        TrainingResult result = run(model)
                .steps(3)
                .validateEvery(3)
                .checkpoints(checkpoints)
                .build()
                .run();
        TokenStream heldOut = TinyRuns.tokens(2, 30, 4);
        try (Compute compute = Compute.create(1)) {
            double measured = result.evaluation().nats();
            double exact = Evaluation.of(model, heldOut, compute).nats();
            HalfWeights.split(compute, model);
            double rounded = Evaluation.of(model, heldOut, compute).nats();
            HalfWeights.join(compute, model);
            assertThat(measured).isEqualTo(rounded).isNotEqualTo(exact);
        }
        Transformer saved = Transformer.load(checkpoints.latest().orElseThrow());
        assertThat(weights(saved)).isDeepEqualTo(weights(model));
    }

    @Test
    void a_listener_that_hears_the_end_reads_exact_weights() {
        Transformer model = TinyRuns.model();
        List<float[][]> heard = new ArrayList<>();
        run(model)
                .steps(3)
                .listener(event -> {
                    if (event instanceof TrainingEvent.Finished) {
                        heard.add(weights(model));
                    }
                })
                .build()
                .run();
        assertThat(heard).hasSize(1);
        assertThat(heard.getFirst()).isDeepEqualTo(weights(model));
    }

    @Test
    void a_run_that_fails_leaves_a_model_of_floats() {
        Transformer model = TinyRuns.model();
        assertThatThrownBy(() -> run(model)
                        .steps(5)
                        .listener(event -> {
                            if (event.step() == 2) {
                                throw new IllegalStateException("killed");
                            }
                        })
                        .build()
                        .run())
                .hasMessage("killed");
        assertThat(weights(model)).isNotEmpty();
    }

    @Test
    void activations_of_a_deep_model_take_two_thirds_of_the_bytes() {
        List<Long> bytes = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            TransformerConfig config = TransformerConfig.llama()
                    .vocabularySize(TinyRuns.VOCABULARY)
                    .contextLength(32)
                    .layers(12)
                    .width(32)
                    .heads(2)
                    .dropout(DropoutRates.of(0))
                    .build();
            TrainingResult result = TinyRuns.run(Transformer.initialise(config, 1))
                    .steps(1)
                    .precision(precision)
                    .build()
                    .run();
            bytes.add(result.memory().activations());
            assertThat(result.memory().parameters()).isEqualTo(4 * config.parameterCount());
        }
        assertThat(bytes.getLast()).isLessThan((long) (0.7 * bytes.getFirst()));
    }
}
