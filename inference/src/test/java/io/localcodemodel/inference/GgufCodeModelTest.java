package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.TokenizerFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A GGUF file is a whole model: weights, tokenizer, and what ends a text.
class GgufCodeModelTest {
    private static final GenerationOptions TEN = GenerationOptions.greedy(10);
    private static final int END = 2;

    @TempDir
    Path folder;

    /// A vocabulary of the bytes and a word.
    private static Map<String, Object> vocabulary() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        for (int value = 0; value < 256; value++) {
            tokens.add(String.format("<0x%02X>", value));
            types.add(6);
        }
        for (String piece : List.of("▁", "i", "n", "t", "in", "int")) {
            tokens.add(piece);
            types.add(1);
        }
        Map<String, Object> keys = new HashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.scores", tokens.stream().map(token -> 0f).toList());
        keys.put("tokenizer.ggml.token_type", types);
        keys.put("tokenizer.ggml.bos_token_id", 1);
        keys.put("tokenizer.ggml.eos_token_id", END);
        return keys;
    }

    private static Transformer transformer() {
        return Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(265)
                        .contextLength(64)
                        .layers(2)
                        .width(256)
                        .heads(4)
                        .kvHeads(2)
                        .feedForwardWidth(512)
                        .build(),
                3);
    }

    private Path saved(BlockFormat format, Map<String, ?> keys) throws IOException {
        Path file = folder.resolve("model.gguf");
        GgufModel.save(file, transformer(), format, keys);
        return file;
    }

    @ParameterizedTest
    @EnumSource
    void completes_as_the_decoded_weights_do(BlockFormat format) throws IOException {
        Path file = saved(format, vocabulary());
        try (CodeModel code = CodeModel.load(file);
                CodeModel decoded = CodeModel.of(Transformer.load(file), GgufVocabulary.read(vocabulary(), "keys"))) {
            assertThat(code.endTokens()).containsExactly(END);
            Completion completion = code.complete("int a", TEN);
            assertThat(completion.tokens())
                    .isEqualTo(decoded.complete("int a", TEN).tokens());
        }
    }

    @Test
    void a_model_saved_in_one_file_completes_as_before() throws IOException {
        Path file = folder.resolve("model.gguf");
        Transformer transformer = TinyModels.llama(TinyModels.BYTES);
        CodeModel.save(file, transformer, TinyModels.BYTES, BlockFormat.F32);
        try (CodeModel before = CodeModel.of(transformer, TinyModels.BYTES);
                CodeModel code = CodeModel.load(file)) {
            assertThat(code.complete("int größe", TEN).text())
                    .isEqualTo(before.complete("int größe", TEN).text());
            assertThat(code.endTokens()).isEqualTo(before.endTokens());
        }
    }

    @Test
    void lets_go_of_the_file_when_it_is_closed() throws IOException {
        CodeModel code = CodeModel.load(saved(BlockFormat.Q4_K, vocabulary()));
        Session session = code.session();
        code.close();
        code.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> code.complete("int a", TEN))
                .withMessageContaining("the model is closed: load it again");
        assertThatThrownBy(() -> session.complete(TEN)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void a_file_is_known_by_its_content_whatever_it_is_called() throws IOException {
        Path file = folder.resolve("model.q8");
        CodeModel.save(file, transformer(), GgufVocabulary.read(vocabulary(), "keys"), BlockFormat.Q8_0);
        try (CodeModel code = CodeModel.load(file)) {
            assertThat(code.complete("int a", TEN).promptTokens()).isPositive();
        }
        assertThat(Transformer.load(file).config())
                .isEqualTo(Transformer.load(saved(BlockFormat.F32, Map.of())).config());
    }

    @Test
    void a_closed_model_is_not_saved() throws IOException {
        CodeModel code = CodeModel.load(saved(BlockFormat.Q8_0, vocabulary()));
        code.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> code.save(folder.resolve("floats")))
                .withMessageContaining("the model is closed: load it again");
        assertThatIllegalStateException()
                .isThrownBy(() -> code.save(folder.resolve("other.gguf"), BlockFormat.F16))
                .withMessageContaining("the model is closed: load it again");
        assertThat(folder.resolve("floats")).doesNotExist();
    }

    @Test
    void a_model_that_fails_to_open_lets_go_of_its_file() throws IOException {
        Path file = saved(BlockFormat.Q8_0, vocabulary());
        CodeModelBuilder tooMany = CodeModel.builder().workers(Integer.MAX_VALUE);
        assertThatThrownBy(() -> tooMany.load(file)).isInstanceOf(OutOfMemoryError.class);
        // What is mapped is listed by Linux, and cannot be deleted on Windows.
        Path mappings = Path.of("/proc/self/maps");
        assertThat(Files.exists(mappings) ? Files.readString(mappings) : "").doesNotContain(file.toString());
        Files.delete(file);
    }

    @Test
    void refuses_to_save_what_gguf_cannot_hold_and_says_what() throws IOException {
        Path file = folder.resolve("model.gguf");
        Transformer characters = TinyModels.llama(TinyModels.CHARACTERS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodeModel.save(file, characters, TinyModels.CHARACTERS, BlockFormat.F16))
                .withMessageContaining("cannot hold this tokenizer")
                .withMessageContaining("the model as a folder");
        Transformer normalised = Transformer.initialise(
                TinyModels.small(TransformerConfig.llama(), TinyModels.BYTES)
                        .queryKeyNorm(QueryKeyNorm.PER_HEAD)
                        .build(),
                1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodeModel.save(file, normalised, TinyModels.BYTES, BlockFormat.F16))
                .withMessage("GGUF of architecture llama has no words for all of this model: queryKeyNorm is PER_HEAD,"
                        + " would be read as NONE. Save the model as a folder instead.");
        assertThat(file).doesNotExist();
    }

    @Test
    void a_model_and_a_session_say_what_they_are() throws IOException {
        CodeModelBuilder builder =
                CodeModel.builder().kernels(Kernels.reference()).workers(1);
        try (CodeModel code = builder.load(saved(BlockFormat.Q8_0, vocabulary()))) {
            assertThat(code)
                    .hasToString(
                            "CodeModel[1,248,768 parameters in model.gguf, context 64, kernels reference, workers 1]");
            assertThat(code.kernels()).isEqualTo(Kernels.reference());
            Session session = code.session();
            session.complete(GenerationOptions.greedy(3));
            assertThat(session).hasToString("Session[4 tokens, 3 computed, context 64]");
        }
    }

    @Test
    void refuses_a_file_without_a_tokenizer_or_with_too_large_a_one() throws IOException {
        Path bare = saved(BlockFormat.Q8_0, Map.of());
        assertThatThrownBy(() -> CodeModel.load(bare))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("tokenizer.ggml.model");
        Map<String, Object> keys = vocabulary();
        List<String> tokens = new ArrayList<>(strings(keys.get("tokenizer.ggml.tokens")));
        tokens.add("another");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.scores", tokens.stream().map(token -> 0f).toList());
        keys.remove("tokenizer.ggml.token_type");
        Path misfit = saved(BlockFormat.Q8_0, keys);
        assertThatThrownBy(() -> CodeModel.load(misfit))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("do not belong together");
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }
}
