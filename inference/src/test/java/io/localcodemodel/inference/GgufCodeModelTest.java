package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.TokenizerFormatException;
import java.io.IOException;
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
