package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tokenizer.MergesFile;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeModelTest {
    private static final GenerationOptions TEN = GenerationOptions.greedy(10);
    private static final Transformer MODEL = TinyModels.llama(TinyModels.BYTES);
    private static final Transformer OTHER = Transformer.initialise(MODEL.config(), 99);

    @TempDir
    Path temporary;

    private static String completed(Path folder) throws IOException {
        try (CodeModel code = CodeModel.load(folder)) {
            return code.complete("int a", TEN).text();
        }
    }

    private static String completed(Transformer transformer) {
        try (CodeModel code = CodeModel.of(transformer, TinyModels.BYTES)) {
            return code.complete("int a", TEN).text();
        }
    }

    private static void assertRefused(Path folder, String... parts) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> CodeModel.load(folder))
                .satisfies(refusal -> assertThat(refusal.getMessage()).contains(parts));
    }

    // ---------------------------------------------------------------- saving and loading

    @Test
    void a_saved_model_completes_as_before() throws IOException {
        Path folder = temporary.resolve("some/model");
        CodeModel.save(folder, MODEL, TinyModels.BYTES);
        assertThat(names(folder))
                .containsExactly(
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json");
        assertThat(completed(folder)).isEqualTo(completed(MODEL));
    }

    private static Stream<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @Test
    void saving_again_replaces_the_model_and_keeps_other_files() throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        Files.writeString(temporary.resolve("README.md"), "mine");
        CodeModel.save(temporary, OTHER, TinyModels.BYTES);
        assertThat(completed(temporary)).isEqualTo(completed(OTHER)).isNotEqualTo(completed(MODEL));
        assertThat(names(temporary)).contains("README.md").hasSize(6);
    }

    @Test
    void a_saved_chat_template_wins_over_that_of_an_earlier_model() throws IOException {
        Path file = temporary.resolve("chat_template.jinja");
        Tokenizer chatting =
                TinyModels.BYTES.withConfig(TinyModels.BYTES.config().withChatTemplate("new"));
        Files.writeString(file, "old");
        CodeModel.save(temporary, MODEL, chatting);
        assertThat(Tokenizer.load(temporary).config().chatTemplates()).containsOnly(Map.entry("default", "new"));
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        assertThat(file).doesNotExist();
        assertThat(Tokenizer.load(temporary).config().chatTemplates()).isEmpty();
    }

    @Test
    void a_save_interrupted_while_writing_leaves_the_previous_model() throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        Path saving = Files.createDirectory(temporary.resolve(".saving"));
        Files.writeString(saving.resolve("config.json"), "{\"half\": ");
        assertThat(completed(temporary)).isEqualTo(completed(MODEL));
        CodeModel.save(temporary, OTHER, TinyModels.BYTES);
        assertThat(completed(temporary)).isEqualTo(completed(OTHER));
        assertThat(names(temporary)).hasSize(5);
    }

    @Test
    void a_save_interrupted_while_moving_files_leaves_the_new_model() throws IOException {
        Path made = temporary.resolve("made");
        CodeModel.save(made, OTHER, TinyModels.BYTES);
        for (int moved = 0; moved <= 5; moved++) {
            Path folder = temporary.resolve("model" + moved);
            CodeModel.save(folder, MODEL, TinyModels.BYTES);
            SavedModel.write(folder, OTHER, TinyModels.BYTES, GenerationDefaults.of(TinyModels.BYTES));
            for (String name : names(made).limit(moved).toList()) {
                Files.delete(folder.resolve(name));
                Files.move(folder.resolve(".saved").resolve(name), folder.resolve(name));
            }
            assertThat(completed(folder)).as("after %s files", moved).isEqualTo(completed(OTHER));
            assertThat(names(folder)).hasSize(5);
        }
    }

    @Test
    void a_load_during_saves_gets_one_model_or_the_other() throws Exception {
        Transformer characters = TinyModels.llama(TinyModels.CHARACTERS);
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        AtomicBoolean saving = new AtomicBoolean(true);
        try (ExecutorService others = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> loads = List.of(
                    others.submit(() -> loads(temporary, saving)), others.submit(() -> loads(temporary, saving)));
            try {
                for (int i = 0; i < 30; i++) {
                    CodeModel.save(temporary, characters, TinyModels.CHARACTERS);
                    CodeModel.save(temporary, MODEL, TinyModels.BYTES);
                }
            } finally {
                saving.set(false);
            }
            for (Future<Integer> load : loads) {
                assertThat(load.get()).isPositive();
            }
        }
        assertThat(completed(temporary)).isEqualTo(completed(MODEL));
        assertThat(names(temporary)).hasSize(5);
    }

    private static int loads(Path folder, AtomicBoolean saving) throws IOException {
        int count = 0;
        do {
            try (CodeModel code = CodeModel.builder().workers(1).load(folder)) {
                assertThat(code.tokenizer().vocabularySize())
                        .isEqualTo(code.transformer().config().vocabularySize());
                count++;
            }
        } while (saving.get());
        return count;
    }

    @Test
    void a_loaded_model_is_saved_with_its_end_tokens_and_suggestions() throws IOException {
        Path first = temporary.resolve("first");
        CodeModel.save(first, MODEL, TinyModels.BYTES);
        Files.writeString(first.resolve("generation_config.json"), """
            {"do_sample": true, "temperature": 0.7, "eos_token_id": [0, 5, 6], "max_length": 512}
            """);
        Path second = temporary.resolve("second");
        GenerationOptions suggested;
        try (CodeModel code = CodeModel.load(first)) {
            suggested = code.suggestedOptions(5);
            code.save(second);
            code.save(temporary.resolve("new/model.gguf"), BlockFormat.Q8_0);
        }
        try (CodeModel code = CodeModel.load(second);
                CodeModel oneFile = CodeModel.load(temporary.resolve("new/model.gguf"))) {
            assertThat(code.endTokens()).containsExactlyInAnyOrder(0, 5, 6);
            assertThat(code.suggestedOptions(5)).isEqualTo(suggested);
            assertThat(oneFile.endTokens()).containsExactlyInAnyOrder(0, 5, 6);
        }
        assertThat(Files.readString(second.resolve("generation_config.json"))).contains("max_length");
    }

    @Test
    void loads_a_folder_with_any_of_the_tokenizer_files() throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        MergesFile.write(TinyModels.BYTES, temporary);
        Files.delete(temporary.resolve("tokenizer.json"));
        assertThat(temporary.resolve("merges.txt")).exists();
        assertThat(completed(temporary)).isEqualTo(completed(MODEL));
    }

    @Test
    void a_save_that_fails_leaves_the_previous_model() throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        Tokenizer larger = TinyModels.BYTES;
        Transformer tooSmall = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(20)
                        .contextLength(8)
                        .layers(1)
                        .width(8)
                        .heads(1)
                        .build(),
                1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodeModel.save(temporary, tooSmall, larger))
                .withMessageContaining("do not belong together")
                .withMessageContaining("the tokenizer has 300 tokens, the transformer has a vocabulary of 20");
        assertThat(completed(temporary)).isEqualTo(completed(MODEL));
    }

    // ---------------------------------------------------------------- folders that are refused

    @Test
    void refuses_a_folder_that_does_not_exist() {
        assertRefused(temporary.resolve("nowhere"), "nowhere", "expected a model folder or a GGUF file, found nothing");
    }

    @Test
    void refuses_a_file_where_a_folder_is_expected() throws IOException {
        assertRefused(
                Files.writeString(temporary.resolve("file"), "GG"),
                "expected a model folder or a GGUF file, found a file that is neither");
    }

    @Test
    void refuses_a_folder_without_a_model() {
        assertRefused(temporary, "it lacks config.json", "model.safetensors");
    }

    @Test
    void names_the_file_that_is_missing() throws IOException {
        for (String name : new String[] {"config.json", "tokenizer.json", "model.safetensors"}) {
            Path folder = temporary.resolve("without-" + name);
            CodeModel.save(folder, MODEL, TinyModels.BYTES);
            Files.delete(folder.resolve(name));
            assertRefused(folder, folder.toString(), name);
        }
    }

    @Test
    void refuses_a_truncated_file() throws IOException {
        for (String name :
                new String[] {"config.json", "tokenizer.json", "model.safetensors", "generation_config.json"}) {
            Path folder = temporary.resolve("cut-" + name);
            CodeModel.save(folder, MODEL, TinyModels.BYTES);
            byte[] whole = Files.readAllBytes(folder.resolve(name));
            Files.write(folder.resolve(name), java.util.Arrays.copyOf(whole, whole.length / 2));
            assertRefused(folder, name);
        }
    }

    @Test
    void refuses_a_tokenizer_with_more_tokens_than_the_model() throws IOException {
        CodeModel.save(temporary, TinyModels.llama(TinyModels.CHARACTERS), TinyModels.CHARACTERS);
        TinyModels.BYTES.save(temporary.resolve("tokenizer.json"));
        assertRefused(temporary, temporary.toString(), "do not belong together", "the tokenizer has 300 tokens");
    }

    @Test
    void a_model_may_have_more_rows_than_the_tokenizer_has_tokens_and_never_writes_them() {
        Transformer padded = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(1000)
                        .contextLength(64)
                        .layers(1)
                        .width(16)
                        .heads(2)
                        .build(),
                1);
        try (CodeModel code = CodeModel.of(padded, TinyModels.BYTES)) {
            GenerationOptions options = GenerationOptions.builder()
                    .maximumTokens(40)
                    .temperature(5)
                    .ignoringEndOfText()
                    .build();
            assertThat(code.complete("int", options).tokens()).allMatch(token -> token < 300);
        }
    }

    // ---------------------------------------------------------------- generation_config.json

    private GenerationOptions suggested(String json) throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        Files.writeString(temporary.resolve("generation_config.json"), json);
        try (CodeModel code = CodeModel.load(temporary)) {
            return code.suggestedOptions(5);
        }
    }

    @Test
    void suggests_what_the_folder_says() throws IOException {
        assertThat(suggested("""
            {"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": null,
             "repetition_penalty": 1.05, "eos_token_id": [0, 3], "transformers_version": "4.37.0"}
            """))
                .isEqualTo(GenerationOptions.builder()
                        .maximumTokens(5)
                        .temperature(0.7f)
                        .topK(20)
                        .topP(0.8f)
                        .repetitionPenalty(1.05f)
                        .build());
    }

    @Test
    void suggests_greedy_where_the_folder_does_not_ask_for_sampling() throws IOException {
        assertThat(suggested("{\"temperature\": 0.7}")).isEqualTo(GenerationOptions.greedy(5));
    }

    @Test
    void takes_the_end_tokens_of_the_folder() throws IOException {
        CodeModel.save(temporary, MODEL, TinyModels.BYTES);
        try (CodeModel code = CodeModel.load(temporary)) {
            assertThat(code.endTokens()).containsExactly(0);
        }
        Files.writeString(temporary.resolve("generation_config.json"), "{\"eos_token_id\": [5, 7]}");
        try (CodeModel code = CodeModel.load(temporary)) {
            assertThat(code.endTokens()).containsExactlyInAnyOrder(5, 7);
        }
    }

    @Test
    void refuses_suggestions_that_make_no_sense() {
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> suggested("{\"do_sample\": true, \"top_p\": 3, \"eos_token_id\": 300}"))
                .withMessageContaining("generation_config.json")
                .withMessageContaining("eos_token_id: expected ids of the tokenizer, 0 to 299, found 300")
                .withMessageContaining("topP: expected a number greater than 0 and at most 1, found 3.0");
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> suggested("{\"do_sample\": true, \"top_p\": \"high\"}"))
                .withMessageContaining("top_p: expected a number, found high");
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> suggested("[1, 2]"))
                .withMessageContaining("to be a JSON object, found '[1, 2]'");
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> suggested("null"))
                .withMessageContaining("to be a JSON object, found 'null'");
    }

    // ---------------------------------------------------------------- the builder and the rest

    @Test
    void the_builder_names_all_problems_together() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodeModel.builder()
                        .workers(0)
                        .workers(2)
                        .of(TinyModels.llama(TinyModels.CHARACTERS), TinyModels.BYTES))
                .withMessageContaining("workers: expected at least 1, found 0")
                .withMessageContaining("workers is set twice")
                .withMessageContaining("do not belong together");
    }

    @Test
    void a_builder_may_go_on_after_parts_that_do_not_fit() {
        CodeModelBuilder builder = CodeModel.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.of(TinyModels.llama(TinyModels.CHARACTERS), TinyModels.BYTES));
        try (CodeModel code = builder.of(MODEL, TinyModels.BYTES)) {
            assertThat(code.transformer()).isSameAs(MODEL);
        }
    }

    @Test
    void the_number_of_workers_does_not_change_the_text() {
        try (CodeModel one = CodeModel.builder().workers(1).of(MODEL, TinyModels.BYTES);
                CodeModel three = CodeModel.builder().workers(3).of(MODEL, TinyModels.BYTES)) {
            GenerationOptions options = GenerationOptions.builder()
                    .maximumTokens(40)
                    .temperature(1)
                    .logProbabilities()
                    .build();
            Completion expected = one.complete("int a", options);
            Completion completion = three.complete("int a", options);
            assertThat(completion.tokens()).isEqualTo(expected.tokens());
            assertThat(completion.logProbabilities()).isEqualTo(expected.logProbabilities());
        }
    }

    @Test
    void closing_ends_the_worker_threads() {
        CodeModel code = CodeModel.builder().workers(3).of(MODEL, TinyModels.BYTES);
        code.complete("int", TEN);
        long before = Thread.getAllStackTraces().size();
        code.close();
        assertThat(Thread.getAllStackTraces().size()).isLessThanOrEqualTo((int) before);
        assertThatIllegalStateException().isThrownBy(() -> code.complete("int", TEN));
    }

    @Test
    void an_empty_prompt_begins_a_text() {
        try (CodeModel code = CodeModel.of(MODEL, TinyModels.BYTES)) {
            Completion completion = code.complete("", TEN);
            assertThat(completion.promptTokens()).isEqualTo(1);
            assertThat(completion.tokens()).isNotEmpty();
        }
    }
}
