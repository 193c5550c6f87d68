package io.localcodemodel.training;

import static io.localcodemodel.training.TinyRuns.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.training.TrainingEvent.FinishReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What of a run is saved, whatever happens to it.
class SavingTest {
    @TempDir
    Path folder;

    private Checkpoints checkpoints() {
        return Checkpoints.in(folder.resolve("run"));
    }

    /// AdamW to which something happens half-way through each saving from step 4 on.
    private record Disturbed(AdamW adamW, Runnable disturbance) implements Optimizer {
        @Override
        public State start(List<Parameter> parameters) {
            State state = adamW.start(parameters);
            return new State() {
                @Override
                public void step(Compute compute, float rate, float gradientScale) {
                    state.step(compute, rate, gradientScale);
                }

                @Override
                public long steps() {
                    return state.steps();
                }

                @Override
                public Map<String, Tensor> tensors() {
                    if (steps() < 4) {
                        return state.tensors();
                    }
                    return new LinkedHashMap<>(state.tensors()) {
                        private static final long serialVersionUID = 1;

                        @Override
                        public void forEach(BiConsumer<? super String, ? super Tensor> action) {
                            disturbance.run();
                            super.forEach(action);
                        }
                    };
                }

                @Override
                public void resume(long steps) {
                    state.resume(steps);
                }
            };
        }
    }

    private static Optimizer failing() {
        return new Disturbed(AdamW.defaults(), () -> {
            throw new IllegalStateException("the power went out");
        });
    }

    @Test
    void an_interrupted_save_leaves_the_checkpoint_before_whole() throws IOException {
        Checkpoints every = checkpoints().every(2);
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .optimizer(failing())
                        .steps(6)
                        .checkpoints(every)
                        .build()
                        .run())
                .hasMessage("the power went out");
        assertThat(TinyRuns.names(every)).containsExactly("step-00000002");
        assertThat(folder.resolve("run/.saving-step-00000004/model.safetensors"))
                .exists();

        Transformer whole = TinyRuns.model();
        TinyRuns.run(whole).optimizer(failing()).steps(3).build().run();
        Transformer resumed = TinyRuns.model();
        TinyRuns.run(resumed)
                .optimizer(failing())
                .steps(3)
                .checkpoints(every)
                .resume()
                .build()
                .run();
        assertThat(weights(resumed)).isDeepEqualTo(weights(whole));
        try (Stream<Path> left = Files.list(folder.resolve("run"))) {
            assertThat(left)
                    .extracting(Path::getFileName)
                    .extracting(Path::toString)
                    .containsExactlyInAnyOrder("step-00000002", "step-00000003");
        }
    }

    @Test
    void a_save_that_fails_leaves_nothing_behind_that_takes_room() throws IOException {
        Path inTheWay = folder.resolve("run/.saving-step-00000004/optimizer.safetensors.saving");
        Optimizer optimizer =
                new Disturbed(AdamW.defaults(), () -> inTheWay.toFile().mkdir());
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .optimizer(optimizer)
                        .steps(6)
                        .checkpoints(checkpoints().every(2))
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("the checkpoint of step 4 cannot be saved")
                .hasMessageContaining("the checkpoints before it are untouched");
        try (Stream<Path> left = Files.list(folder.resolve("run"))) {
            assertThat(left).containsExactly(folder.resolve("run/step-00000002"));
        }
    }

    @Test
    void an_interrupt_in_a_step_that_saves_ends_the_run_with_its_checkpoint() {
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(9)
                .checkpoints(checkpoints().every(1))
                .listener(event -> {
                    if (event instanceof TrainingEvent.StepCompleted && event.step() == 4) {
                        Thread.currentThread().interrupt();
                    }
                })
                .build()
                .run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.reason()).isEqualTo(TrainingEvent.FinishReason.STOPPED);
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000003", "step-00000004");
    }

    @Test
    void an_interrupt_while_it_saves_ends_the_run_with_its_checkpoint() {
        AtomicBoolean interrupts = new AtomicBoolean(true);
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .optimizer(new Disturbed(AdamW.defaults(), () -> {
                    if (interrupts.getAndSet(false)) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .steps(9)
                .checkpoints(checkpoints().every(2))
                .build()
                .run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.reason()).isEqualTo(TrainingEvent.FinishReason.STOPPED);
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000002", "step-00000004");
    }

    @Test
    void an_interrupted_thread_resumes_and_ends_where_the_checkpoint_left_it() {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        Thread.currentThread().interrupt();
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(4)
                .checkpoints(checkpoints())
                .resume()
                .build()
                .run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.steps()).isEqualTo(2);
        assertThat(result.reason()).isEqualTo(TrainingEvent.FinishReason.STOPPED);
    }

    @Test
    void what_goes_wrong_in_the_last_validation_does_not_cost_the_run() {
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(3)
                        .validateEvery(3)
                        .checkpoints(checkpoints())
                        .listener(event -> {
                            if (event instanceof TrainingEvent.Validated) {
                                throw new IllegalStateException("no room for a line");
                            }
                        })
                        .build()
                        .run())
                .hasMessage("no room for a line");
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000003");
    }

    @Test
    void a_damaged_older_record_does_not_end_the_run_that_keeps_the_best() throws IOException {
        Checkpoints keeping = checkpoints().every(2).keepLast(2).keepingBest();
        validated(6, keeping);
        Path older = keeping.all().getFirst();
        Files.writeString(older.resolve("training.json"), "");
        validated(12, keeping);
        assertThat(TinyRuns.names(keeping)).contains("step-00000010", "step-00000012");
        assertThat(older).as("what cannot be read may have been the best").exists();
        assertThat(keeping.best()).isPresent().get().isNotEqualTo(older);
    }

    private static void validated(long steps, Checkpoints checkpoints) {
        TinyRuns.run(TinyRuns.model())
                .steps(steps)
                .validateEvery(2)
                .checkpoints(checkpoints)
                .resume()
                .build()
                .run();
    }

    @Test
    void what_a_process_killed_while_deleting_left_behind_goes_with_the_next_save() throws IOException {
        Checkpoints every = checkpoints().every(1).keepLast(1);
        TinyRuns.run(TinyRuns.model()).steps(2).checkpoints(every).build().run();
        for (String name : new String[] {"removed-step-00000001", "removed-step-00000003", "replaced-step-00000003"}) {
            Path left = Files.createDirectories(every.folder().resolve(".saving-" + name));
            Files.writeString(left.resolve("model.safetensors"), "the rest of it");
        }
        Path withoutRecord = Files.createDirectory(every.folder().resolve("step-00000003"));
        Files.writeString(withoutRecord.resolve("model.safetensors"), "the rest of it");
        TinyRuns.run(TinyRuns.model())
                .steps(4)
                .checkpoints(every)
                .resume()
                .build()
                .run();
        assertThat(every.folder().toFile().list()).containsExactly("step-00000004");
    }

    @Test
    void an_interrupt_before_the_corpus_is_read_ends_the_run_before_its_first_step() throws IOException {
        Files.writeString(folder.resolve("Program.java"), "class A { int a; } // 0123456789");
        Corpus corpus = Corpus.files(folder);
        Tokenizer tokenizer = CharacterTokenizer.of(corpus.training());
        Trainer trainer = Trainer.builder()
                .model(TinyRuns.model(tokenizer.vocabularySize(), 16))
                .tokenizer(tokenizer)
                .corpus(corpus)
                .schedule(Schedule.constant(1e-3f))
                .batch(1)
                .steps(100)
                .build();
        Thread.currentThread().interrupt();
        TrainingResult result = trainer.run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.reason()).isEqualTo(FinishReason.STOPPED);
        assertThat(result.steps()).isZero();
    }
}
