package io.localcodemodel.training;

import static io.localcodemodel.training.TinyRuns.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.op.CrossEntropy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
    @TempDir
    Path folder;

    static Stream<Optimizer> optimizers() {
        return Stream.of(AdamW.defaults(), Muon.defaults());
    }

    private Checkpoints checkpoints() {
        return Checkpoints.in(folder.resolve("run"));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void twenty_steps_are_ten_and_save_and_load_and_ten_bit_for_bit(Optimizer optimizer) {
        Transformer whole = TinyRuns.modelWithDropout();
        TinyRuns.Losses expected = new TinyRuns.Losses();
        TinyRuns.run(whole)
                .optimizer(optimizer)
                .steps(20)
                .listener(expected)
                .build()
                .run();

        TinyRuns.Losses found = new TinyRuns.Losses();
        TinyRuns.run(TinyRuns.modelWithDropout())
                .optimizer(optimizer)
                .steps(10)
                .checkpoints(checkpoints())
                .listener(found)
                .build()
                .run();
        Transformer resumed = Transformer.initialise(TinyRuns.config(0.2f), 999);
        TinyRuns.run(resumed)
                .optimizer(optimizer)
                .steps(20)
                .checkpoints(checkpoints())
                .resume()
                .listener(found)
                .build()
                .run();

        assertThat(found.losses).isEqualTo(expected.losses);
        assertThat(weights(resumed)).isDeepEqualTo(weights(whole));
    }

    @Test
    void a_killed_run_goes_on_from_its_last_checkpoint() {
        Transformer whole = TinyRuns.model();
        TinyRuns.run(whole).steps(12).build().run();

        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(12)
                        .checkpoints(checkpoints().every(5))
                        .listener(event -> {
                            if (event.step() == 8) {
                                throw new IllegalStateException("killed");
                            }
                        })
                        .build()
                        .run())
                .hasMessage("killed");
        Transformer resumed = TinyRuns.model();
        List<TrainingEvent> events = new ArrayList<>();
        TinyRuns.run(resumed)
                .steps(12)
                .checkpoints(checkpoints().every(5))
                .resume()
                .listener(events::add)
                .build()
                .run();
        assertThat(events.getFirst()).isInstanceOfSatisfying(TrainingEvent.Started.class, started -> {
            assertThat(started.step()).isEqualTo(5);
            assertThat(started.resumedFrom()).hasFileName("step-00000005");
        });
        assertThat(weights(resumed)).isDeepEqualTo(weights(whole));
    }

    @Test
    void keeps_the_last_and_the_best() {
        Checkpoints keeping = checkpoints().every(2).keepLast(2).keepingBest();
        List<Long> improved = new ArrayList<>();
        TinyRuns.run(TinyRuns.model())
                .steps(11)
                .validateEvery(3)
                .checkpoints(keeping)
                .listener(event -> {
                    if (event instanceof TrainingEvent.Validated validated && validated.best()) {
                        improved.add(event.step());
                    }
                })
                .build()
                .run();
        String best = "step-%08d".formatted(improved.getLast());
        assertThat(keeping.best()).hasValueSatisfying(path -> assertThat(path).hasFileName(best));
        assertThat(TinyRuns.names(keeping))
                .contains("step-00000010", "step-00000011", best)
                .hasSizeLessThanOrEqualTo(3);
        assertThat(keeping.latest()).hasValueSatisfying(path -> assertThat(path).hasFileName("step-00000011"));
    }

    @Test
    void a_checkpoint_is_a_model_that_says_where_it_comes_from() throws IOException {
        Transformer model = TinyRuns.model();
        TinyRuns.run(model).steps(2).checkpoints(checkpoints()).build().run();
        Path checkpoint = checkpoints().latest().orElseThrow();
        assertThat(weights(Transformer.load(checkpoint))).isDeepEqualTo(weights(model));
        assertThat(Files.readString(checkpoint.resolve("training.json")))
                .contains("\"step\" : 2", "\"seed\" : \"11\"", "\"kernels\"", "\"jdk\"", "AdamW[");
    }

    @Test
    void a_new_run_does_not_begin_over_an_old_one() {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(2)
                        .checkpoints(checkpoints())
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("there is a run in this folder already")
                .hasMessageContaining("call resume()");
    }

    @Test
    void a_run_does_not_resume_with_other_data_or_settings() {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        assertThatThrownBy(() -> Trainer.builder()
                        .model(TinyRuns.model())
                        .tokens(TinyRuns.tokens(6, 40, 99))
                        .batch(3)
                        .loss(new CrossEntropy.Options(0.1f, 0))
                        .seed(11)
                        .steps(4)
                        .checkpoints(checkpoints())
                        .resume()
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("belongs to another run")
                .hasMessageContaining("batch=now 3 x 1, in the checkpoint 2 x 1")
                .hasMessageContaining("loss=now Options[labelSmoothing=0.1, zLoss=0.0], in the checkpoint Options[")
                .hasMessageContaining("trainingTokens=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "optimizer.safetensors", "config.json"})
    void a_checkpoint_with_a_changed_byte_is_refused(String name) throws IOException {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        Path file = checkpoints().latest().orElseThrow().resolve(name);
        byte[] content = Files.readAllBytes(file);
        content[content.length - 3] ^= 1;
        Files.write(file, content);
        Transformer model = TinyRuns.model();
        assertThatThrownBy(() -> TinyRuns.run(model)
                        .steps(4)
                        .checkpoints(checkpoints())
                        .resume()
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("is damaged: " + name + ": expected")
                .hasMessageContaining("delete its folder");
        assertThat(weights(model)).isDeepEqualTo(weights(TinyRuns.model()));
    }

    @Test
    void a_checkpoint_with_a_missing_file_or_a_broken_record_is_refused() throws IOException {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        Path checkpoint = checkpoints().latest().orElseThrow();
        Files.delete(checkpoint.resolve("optimizer.safetensors"));
        TrainerBuilder builder = TinyRuns.run(TinyRuns.model())
                .steps(4)
                .checkpoints(checkpoints())
                .resume();
        assertThatThrownBy(() -> builder.build().run()).hasMessageContaining("optimizer.safetensors is missing");
        for (String record : new String[] {"", "{", "[]", "{\"format\":1}", "{\"format\":2}", "{\"format\":\"x\"}"}) {
            Files.writeString(checkpoint.resolve("training.json"), record);
            assertThatThrownBy(() -> builder.build().run())
                    .as(record)
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("is damaged: training.json");
        }
    }

    @Test
    void a_record_that_points_behind_the_data_is_refused_before_anything_is_read_from_it() throws IOException {
        TinyRuns.run(TinyRuns.model())
                .steps(2)
                .checkpoints(checkpoints())
                .build()
                .run();
        Path record = checkpoints().latest().orElseThrow().resolve("training.json");
        Files.writeString(record, Files.readString(record).replaceFirst("\"window\" : \\d+", "\"window\" : 1000000"));
        Transformer model = TinyRuns.model();
        float[][] before = TinyRuns.weights(model);
        TrainerBuilder builder =
                TinyRuns.run(model).steps(4).checkpoints(checkpoints()).resume();
        assertThatThrownBy(() -> builder.build().run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("is damaged: training.json")
                .hasMessageContaining("behind window 1000000");
        assertThat(TinyRuns.weights(model)).isDeepEqualTo(before);
    }

    @Test
    void a_validation_after_the_save_is_added_to_the_checkpoint_in_place() throws IOException {
        List<Object> weightsFiles = new ArrayList<>();
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(4)
                .validateEvery(3)
                .checkpoints(checkpoints().every(4).keepLast(1).keepingBest())
                .listener(event -> {
                    if (event.step() == 4 && event instanceof TrainingEvent.Validated) {
                        weightsFiles.add(weightsFile());
                    }
                })
                .build()
                .run();
        assertThat(weightsFiles).containsExactly(weightsFile());
        Path last = checkpoints().latest().orElseThrow();
        assertThat(CheckpointFolder.read(last).validationBitsPerByte())
                .isEqualTo(Objects.requireNonNull(result.evaluation()).bitsPerByte());
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000004");
        assertThat(folder.resolve("run")).isDirectoryNotContaining("glob:**/.saving*");
        TinyRuns.run(TinyRuns.model())
                .steps(6)
                .checkpoints(checkpoints())
                .resume()
                .build()
                .run();
    }

    /// What tells a file from one that replaced it.
    private Object weightsFile() {
        try {
            Path file = checkpoints().latest().orElseThrow().resolve("model.safetensors");
            return Files.readAttributes(file, "lastModifiedTime,fileKey").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_validation_that_is_no_number_is_never_the_best_and_leaves_checkpoints_readable() {
        TokenStream withoutBytes = TokenStream.of(TinyRuns.VOCABULARY, OptionalInt.of(0), 0, new int[] {1, 2, 3});
        List<TrainingEvent.Validated> validated = new ArrayList<>();
        for (long steps : new long[] {2, 4}) {
            Trainer.builder()
                    .model(TinyRuns.model())
                    .tokens(TinyRuns.tokens(6, 40, 3), withoutBytes)
                    .batch(2)
                    .steps(steps)
                    .validateEvery(1)
                    .checkpoints(checkpoints().every(1).keepingBest())
                    .resume()
                    .listener(event -> {
                        if (event instanceof TrainingEvent.Validated one) {
                            validated.add(one);
                        }
                    })
                    .build()
                    .run();
        }
        assertThat(validated).hasSize(4).noneMatch(TrainingEvent.Validated::best);
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000003", "step-00000004");
    }

    @Test
    void a_folder_that_cannot_be_written_ends_the_run_before_it_begins() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        List<TrainingEvent> events = new ArrayList<>();
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .steps(3)
                        .checkpoints(Checkpoints.in(file.resolve("run")))
                        .listener(events::add)
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("no checkpoint can be saved in")
                .hasMessageContaining("name another folder");
        assertThat(events).isEmpty();
    }

    @Test
    void a_diverging_run_keeps_its_last_good_checkpoint() {
        Transformer model = TinyRuns.model();
        assertThatThrownBy(() -> Trainer.builder()
                        .model(model)
                        .tokens(TinyRuns.tokens(6, 40, 3))
                        .schedule((step, elapsed) -> step < 2 ? 1e-3f : 1e38f)
                        .batch(2)
                        .steps(9)
                        .checkpoints(checkpoints().every(2))
                        .build()
                        .run())
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("are untouched");
        assertThat(TinyRuns.names(checkpoints())).containsExactly("step-00000002");
    }

    @Test
    void refuses_numbers_that_make_no_sense() {
        assertThatThrownBy(() -> checkpoints().every(0)).hasMessageContaining("every 1 or more steps, found 0");
        assertThatThrownBy(() -> checkpoints().keepLast(0)).hasMessageContaining("at least 1, found 0");
    }

    @Test
    void a_score_that_an_earlier_revision_wrote_as_no_number_is_none() {
        CheckpointRecord record =
                new CheckpointRecord(3, 3, 5, new Batches.Cursor(0, 1), 2.5, 2.5, Map.of(), Map.of(), Map.of());
        Map<String, Object> json = new LinkedHashMap<>(record.toJson());
        json.put("validationBitsPerByte", "NaN");
        json.put("bestBitsPerByte", "Infinity");
        CheckpointRecord read = CheckpointRecord.fromJson(json);
        assertThat(read.validationBitsPerByte()).isNull();
        assertThat(read.bestBitsPerByte()).isNull();
        json.put("bestBitsPerByte", "much");
        assertThatThrownBy(() -> CheckpointRecord.fromJson(json))
                .hasMessageContaining("bestBitsPerByte: expected a number, found much");
    }
}
