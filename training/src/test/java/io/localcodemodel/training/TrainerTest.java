package io.localcodemodel.training;

import static io.localcodemodel.training.TinyRuns.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.training.TrainingEvent.FinishReason;
import io.localcodemodel.training.TrainingEvent.MemoryUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
    private static final String PROGRAM = """
        class Gcd {
            static int gcd(int a, int b) {
                return b == 0 ? a : gcd(b, a % b);
            }
        }
        """;

    @ParameterizedTest
    @ValueSource(strings = {"AdamW", "Muon"})
    void a_tiny_model_learns_one_file_by_heart(String optimizer) {
        Corpus corpus = Corpus.texts(PROGRAM);
        Tokenizer tokenizer = CharacterTokenizer.of(corpus.training());
        Transformer model = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(tokenizer.vocabularySize())
                        .contextLength(128)
                        .layers(2)
                        .width(32)
                        .heads(2)
                        .build(),
                42);
        TinyRuns.Losses heard = new TinyRuns.Losses();
        TrainingResult result = Trainer.builder()
                .model(model)
                .tokenizer(tokenizer)
                .corpus(corpus)
                .optimizer(optimizer.equals("Muon") ? Muon.defaults() : AdamW.defaults())
                .schedule(Schedule.warmupCosine(10L, 150L, 1e-2f, 1e-3f))
                .batch(1)
                .steps(150)
                .listener(heard)
                .build()
                .run();
        assertThat(result.reason()).isEqualTo(FinishReason.STEPS_DONE);
        assertThat(heard.losses.getFirst()).isGreaterThan(2.5f);
        assertThat(heard.losses.getLast()).isLessThan(0.05f);
        int[] text = tokenizer.encode(PROGRAM);
        int[] stream = new int[text.length + 1];
        stream[0] = tokenizer.endOfText().orElseThrow();
        System.arraycopy(text, 0, stream, 1, text.length);
        assertPredictsEachNextToken(model, stream);
    }

    private static void assertPredictsEachNextToken(Transformer model, int[] ids) {
        try (Pass pass = Pass.inference(Compute.reference(), new Arena())) {
            Tensor logits = model.logits(pass, model.hidden(pass, TokenBatch.single(ids, 0)))
                    .value();
            int vocabulary = logits.shape().columns();
            for (int i = 0; i + 1 < ids.length; i++) {
                int likeliest = 0;
                for (int v = 1; v < vocabulary; v++) {
                    if (logits.array()[logits.offset() + i * vocabulary + v]
                            > logits.array()[logits.offset() + i * vocabulary + likeliest]) {
                        likeliest = v;
                    }
                }
                assertThat(likeliest).as("token %d", i + 1).isEqualTo(ids[i + 1]);
            }
        }
    }

    private record Outcome(List<Float> losses, List<Double> norms, float[][] weights) {
        static Outcome of(Transformer model, TrainerBuilder builder) {
            TinyRuns.Losses heard = new TinyRuns.Losses();
            builder.listener(heard).build().run();
            return new Outcome(heard.losses, heard.norms, TinyRuns.weights(model));
        }

        void assertSame(Outcome other) {
            assertThat(other.losses).isEqualTo(losses);
            assertThat(other.norms).isEqualTo(norms);
            assertThat(other.weights).isDeepEqualTo(weights);
        }
    }

    private static Outcome outcome(int workers, long seed, Optimizer optimizer) {
        Transformer model = TinyRuns.modelWithDropout();
        return Outcome.of(
                model,
                Trainer.builder()
                        .model(model)
                        .tokens(TinyRuns.tokens(6, 40, 3))
                        .optimizer(optimizer)
                        .schedule(Schedule.constant(1e-2f))
                        .batch(5)
                        .accumulate(2)
                        .steps(6)
                        .seed(seed)
                        .workers(workers));
    }

    @Test
    void the_same_seed_gives_the_same_numbers_and_another_seed_others() {
        Outcome once = outcome(1, 5, AdamW.defaults());
        once.assertSame(outcome(1, 5, AdamW.defaults()));
        assertThat(outcome(1, 6, AdamW.defaults()).losses).isNotEqualTo(once.losses);
    }

    @Test
    void the_number_of_workers_changes_nothing() {
        outcome(1, 5, AdamW.defaults()).assertSame(outcome(2, 5, AdamW.defaults()));
        outcome(1, 5, Muon.defaults()).assertSame(outcome(3, 5, Muon.defaults()));
    }

    @Test
    void recomputing_activations_changes_nothing() {
        Transformer model = TinyRuns.modelWithDropout();
        Transformer again = TinyRuns.modelWithDropout();
        Outcome.of(model, TinyRuns.run(model).steps(4))
                .assertSame(Outcome.of(again, TinyRuns.run(again).steps(4).checkpointing(true)));
    }

    @Test
    void accumulated_micro_batches_are_one_large_batch_to_rounding() {
        Transformer large = TinyRuns.model();
        Transformer small = TinyRuns.model();
        Outcome once = Outcome.of(large, accumulating(large, 8, 1));
        Outcome four = Outcome.of(small, accumulating(small, 2, 4));
        for (int step = 0; step < 3; step++) {
            assertThat(four.losses.get(step)).isEqualTo(once.losses.get(step), within(1e-5f));
            assertThat(four.norms.get(step)).isEqualTo(once.norms.get(step), within(1e-4));
        }
    }

    private static TrainerBuilder accumulating(Transformer model, int batch, int accumulate) {
        return Trainer.builder()
                .model(model)
                .tokens(TinyRuns.tokens(6, 60, 3))
                .schedule(Schedule.constant(1e-3f))
                .batch(batch)
                .accumulate(accumulate)
                .steps(3);
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void both_packings_train(Packing packing) {
        Transformer model = TinyRuns.model();
        Outcome outcome = Outcome.of(
                model,
                Trainer.builder()
                        .model(model)
                        .tokens(TinyRuns.tokens(3, 6, 1))
                        .packing(packing)
                        .schedule(Schedule.constant(1e-2f))
                        .batch(1)
                        .steps(60));
        assertThat(outcome.losses.getLast()).isLessThan(0.6f * outcome.losses.getFirst());
    }

    @Test
    void tells_what_happens_in_order() {
        List<TrainingEvent> events = new ArrayList<>();
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(4)
                .validateEvery(2)
                .listener(events::add)
                .build()
                .run();
        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly(
                        "Started",
                        "StepCompleted",
                        "StepCompleted",
                        "Validated",
                        "StepCompleted",
                        "StepCompleted",
                        "Validated",
                        "Finished");
        assertThat(events).extracting(TrainingEvent::step).containsExactly(0L, 1L, 2L, 2L, 3L, 4L, 4L, 4L);
        assertThat(((TrainingEvent.Validated) events.get(6)).evaluation()).isEqualTo(result.evaluation());
        assertThat(events.getFirst()).isInstanceOfSatisfying(TrainingEvent.Started.class, started -> {
            assertThat(started.tokensPerStep()).isEqualTo(2 * TinyRuns.CONTEXT);
            assertThat(started.trainingTokens()).isEqualTo(6 * 41 + 1);
            assertThat(started.validationTokens()).isEqualTo(2 * 31 + 1);
        });
        assertThat(result.memory().gradients()).isEqualTo(result.memory().parameters());
        assertThat(result.memory().optimizer()).isEqualTo(2 * result.memory().parameters());
        assertThat(result.memory().activations()).isPositive();
        assertThat(result.memory().scratch()).isPositive();
    }

    @Test
    void after_a_run_the_model_holds_no_gradients() {
        Transformer model = TinyRuns.model();
        List<Tensor> atTheEnd = new ArrayList<>();
        TinyRuns.run(model)
                .steps(2)
                .listener(event -> {
                    if (event instanceof TrainingEvent.Finished) {
                        model.parameters()
                                .forEach(parameter ->
                                        atTheEnd.add(parameter.variable().gradient()));
                    }
                })
                .build()
                .run();
        assertThat(atTheEnd).doesNotContainNull();
        assertThat(model.parameters())
                .allSatisfy(
                        parameter -> assertThat(parameter.variable().gradient()).isNull());
    }

    @Test
    void a_table_names_the_parts_of_the_memory_and_what_the_virtual_machine_adds() {
        MemoryUse memory = new MemoryUse(1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20, 6 << 20, 31 << 20);
        assertThat(memory.table().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "weights 1.0 MiB",
                        "gradients 2.0 MiB",
                        "optimizer 3.0 MiB",
                        "activations 4.0 MiB",
                        "scratch 5.0 MiB",
                        "tokens 6.0 MiB",
                        "virtual machine 10.0 MiB",
                        "process 31.0 MiB");
    }

    @Test
    void a_profile_names_every_part_of_a_step_and_changes_no_number() {
        Transformer plain = TinyRuns.model();
        TinyRuns.run(plain).steps(3).build().run();
        Transformer profiled = TinyRuns.model();
        Profile profile = new Profile();
        TinyRuns.run(profiled).steps(3).profile(profile).build().run();
        assertThat(profile.lines().stream()
                        .filter(line -> line.direction() == Profile.Direction.STEP)
                        .map(line -> line.operation() + " " + line.calls()))
                .containsExactlyInAnyOrder("batch 3", "gradient norm 3", "optimizer 3");
        assertThat(profile.lines().stream()
                        .filter(line -> line.direction() == Profile.Direction.BACKWARD)
                        .map(Profile.Line::operation))
                .contains("linear", "attention", "rms norm", "linear cross-entropy");
        assertThat(profile.table(3)).contains("attention", "optimizer").endsWith(System.lineSeparator());
        for (int i = 0; i < plain.parameters().size(); i++) {
            assertThat(profiled.parameters().get(i).variable().value().toArray())
                    .isEqualTo(plain.parameters().get(i).variable().value().toArray());
        }
    }

    @Test
    void gradients_are_clipped_to_the_longest_norm() {
        Transformer free = TinyRuns.model();
        Transformer clipped = TinyRuns.model();
        Outcome without = Outcome.of(free, TinyRuns.run(free).clip(0).steps(2));
        Outcome with = Outcome.of(clipped, TinyRuns.run(clipped).clip(1e-9f).steps(2));
        assertThat(with.norms.getFirst()).isEqualTo(without.norms.getFirst());
        assertThat(with.norms.getFirst()).isGreaterThan(0.1);
        assertThat(with.weights).isNotEqualTo(without.weights);
    }

    @Test
    void a_listener_can_stop_the_run() {
        AtomicReference<Trainer> trainer = new AtomicReference<>();
        trainer.set(TinyRuns.run(TinyRuns.model())
                .steps(100)
                .listener(event -> {
                    if (event.step() == 3) {
                        trainer.get().stop();
                    }
                })
                .build());
        TrainingResult result = trainer.get().run();
        assertThat(result.reason()).isEqualTo(FinishReason.STOPPED);
        assertThat(result.steps()).isEqualTo(3);
        assertThatThrownBy(() -> trainer.get().run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has run already");
    }

    @Test
    void an_interrupted_thread_ends_the_run_and_stays_interrupted() {
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(100)
                .listener(event -> {
                    if (event.step() == 2) {
                        Thread.currentThread().interrupt();
                    }
                })
                .build()
                .run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.reason()).isEqualTo(FinishReason.STOPPED);
        assertThat(result.steps()).isEqualTo(2);
    }

    @Test
    void a_used_up_budget_ends_the_run() {
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .budget(Duration.ofNanos(1))
                .build()
                .run();
        assertThat(result.reason()).isEqualTo(FinishReason.TIME_USED);
        assertThat(result.steps()).isZero();
    }

    @Test
    void a_loss_that_is_not_finite_ends_the_run_before_it_reaches_the_weights() {
        Transformer model = TinyRuns.model();
        Tensor first = model.parameters().getLast().variable().value();
        first.array()[first.offset()] = Float.NaN;
        float[][] before = weights(model);
        List<TrainingEvent> events = new ArrayList<>();
        assertThatThrownBy(() -> TinyRuns.run(model)
                        .steps(5)
                        .listener(events::add)
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("step 1 has loss NaN")
                .hasMessageContaining("use a lower rate");
        assertThat(Arrays.deepEquals(weights(model), before)).isTrue();
        assertThat(events.getLast())
                .isInstanceOfSatisfying(
                        TrainingEvent.Finished.class,
                        finished -> assertThat(finished.reason()).isEqualTo(FinishReason.DIVERGED));
    }

    @Test
    void an_exception_of_the_listener_ends_the_run() {
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(5)
                        .listener(event -> {
                            throw new IllegalStateException("enough");
                        })
                        .build()
                        .run())
                .hasMessage("enough");
    }

    @Test
    void label_smoothing_and_z_loss_are_in_the_loss_of_the_steps_and_not_in_validation() {
        Transformer plain = TinyRuns.model();
        Transformer smoothed = TinyRuns.model();
        CrossEntropy.Options options = new CrossEntropy.Options(0.1f, 1e-2f);
        Outcome without = Outcome.of(plain, TinyRuns.run(plain).steps(2));
        List<TrainingEvent> events = new ArrayList<>();
        TrainingResult result = TinyRuns.run(smoothed)
                .loss(options)
                .steps(2)
                .validateEvery(2)
                .listener(events::add)
                .build()
                .run();
        // z-loss: a hundredth of about ln(24)².
        float first = ((TrainingEvent.StepCompleted) events.get(1)).loss();
        assertThat(first - without.losses.getFirst()).isBetween(0.05f, 0.2f);
        assertThat(weights(smoothed)).isNotEqualTo(weights(plain));
        assertThat(result.evaluation())
                .isEqualTo(Evaluation.of(smoothed, TinyRuns.tokens(2, 30, 4), Compute.reference()));
    }
}
