package io.localcodemodel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.training.Checkpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The main job on a few sources.
class TrainCodeModelTest {
    @TempDir
    private Path temporary;

    private int train(Path model, String... more) throws IOException {
        return train(new StringWriter(), model, more);
    }

    /// @param trace gets what picocli says of exceptions
    private int train(StringWriter trace, Path model, String... more) throws IOException {
        Path sources = temporary.resolve("sources");
        Files.createDirectories(sources);
        for (int i = 0; i < 12; i++) {
            Files.writeString(
                    sources.resolve("Class" + i + ".java"), """
                        class Class%1$d {
                            int twice%1$d(int number) {
                                return 2 * number + %1$d;
                            }
                        }
                        """.repeat(10).formatted(i));
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--sources=" + sources, "--model=" + model, "--minutes=0.01", "--workers=1", "--vocabulary=280"));
        arguments.addAll(List.of("--layers=1", "--width=16", "--context=16", "--batch=2"));
        arguments.addAll(List.of(more));
        return new CommandLine(new TrainCodeModel())
                .setErr(new PrintWriter(trace))
                .setOverwrittenOptionsAllowed(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments.toArray(String[]::new));
    }

    @Test
    void a_second_run_into_the_same_folder_leaves_the_first_model_as_it_is() throws IOException {
        Path model = temporary.resolve("model");
        assertThat(train(model, "--heads=2")).isZero();
        byte[] tokenizer = Files.readAllBytes(model.resolve("tokenizer.json"));
        assertThat(train(model, "--heads=2", "--seed=1")).isEqualTo(1);
        assertThat(Files.readAllBytes(model.resolve("tokenizer.json"))).isEqualTo(tokenizer);
        try (CodeModel code = CodeModel.load(model)) {
            assertThat(code.complete("class", GenerationOptions.greedy(3)).tokens())
                    .isNotEmpty();
        }
    }

    @Test
    void a_model_without_checkpoints_is_never_written_over() throws IOException {
        Path model = Files.createDirectories(temporary.resolve("model"));
        Files.writeString(model.resolve("config.json"), "somebody's model");
        assertThat(train(model, "--heads=2")).isEqualTo(1);
        assertThat(train(model, "--heads=2", "--resume")).isEqualTo(1);
        assertThat(model.toFile().list()).containsExactly("config.json");
    }

    @Test
    void a_tokenizer_that_cannot_be_read_is_one_sentence() throws IOException {
        Path model = Files.createDirectories(temporary.resolve("model"));
        Files.writeString(model.resolve("tokenizer.json"), "{");
        StringWriter trace = new StringWriter();
        assertThat(train(trace, model, "--heads=2", "--resume")).isEqualTo(1);
        assertThat(trace.toString()).isEmpty();
    }

    @Test
    void the_other_ways_to_train_are_options() throws IOException {
        Path model = temporary.resolve("model");
        assertThat(train(
                        model,
                        "--heads=2",
                        "--packing=documents",
                        "--accumulate=2",
                        "--label-smoothing=0.1",
                        "--z-loss=1e-4"))
                .isZero();
        Path checkpoint = Checkpoints.in(model.resolve("checkpoints")).latest().orElseThrow();
        assertThat(Files.readString(checkpoint.resolve("training.json")))
                .contains("DOCUMENTS", "2 x 2", "labelSmoothing=0.1, zLoss=1.0E-4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--heads=3", "--vocabulary=100", "--workers=0", "--rate=0", "--rate=NaN", "--accumulate=0"})
    void refused_options_are_one_sentence_and_leave_nothing_behind(String option) throws IOException {
        Path model = temporary.resolve("model");
        StringWriter trace = new StringWriter();
        assertThat(train(trace, model, option)).isEqualTo(1);
        assertThat(trace.toString()).isEmpty();
        assertThat(model).doesNotExist();
    }

    @Test
    void figures_are_rounded_however_large_they_are_and_what_is_no_number_stays_so() {
        assertThat(TrainingProgress.rounded(1.23456, 4)).isEqualTo(1.2346);
        assertThat(TrainingProgress.rounded(-0.05, 1)).isEqualTo(-0.1);
        assertThat(TrainingProgress.rounded(3e20, 4)).isEqualTo(3e20);
        assertThat(TrainingProgress.rounded(Double.NaN, 4)).isNaN();
        assertThat(TrainingProgress.rounded(Double.POSITIVE_INFINITY, 4)).isInfinite();
    }
}
