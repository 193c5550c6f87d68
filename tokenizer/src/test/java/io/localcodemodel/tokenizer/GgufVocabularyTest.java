package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufVocabularyTest {

    @Tag("shared-data")
    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "mpt", "starcoder", "llama-spm"})
    void equals_llama_cpp(String name, @TempDir Path saved) throws Exception {
        Path file = SharedData.tokenizers().resolve("llamacpp/ggml-vocab-" + name + ".gguf");
        Tokenizer tokenizer = GgufVocabulary.read(metadata(file), file.toString());
        tokenizer.save(saved);

        SharedData.assertLlamaCpp(tokenizer, file);
        SharedData.assertLlamaCpp(Tokenizer.load(saved), file);
    }

    @Tag("shared-data")
    @ParameterizedTest
    @ValueSource(strings = {"mpt", "starcoder"})
    void equals_the_hugging_face_library(String name) throws Exception {
        Path folder = SharedData.tokenizers().resolve("llamacpp");
        Tokenizer tokenizer =
                GgufVocabulary.read(metadata(folder.resolve("ggml-vocab-" + name + ".gguf")), "vocabulary");

        SharedData.assertCases(
                tokenizer, EncodeOptions.MARKUP, folder.resolve(name + ".cases.expected.hf.json"), "ids");
        if (name.equals("starcoder")) {
            SharedData.assertDocuments(
                    tokenizer, EncodeOptions.MARKUP, folder.resolve("starcoder.docs.expected.hf.json"));
        }
    }

    @Test
    void takes_lists_and_arrays() throws Exception {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.tokens", new String[] {"a", "b", "ab", "<s>"});
        metadata.put("tokenizer.ggml.token_type", new int[] {1, 1, 1, 3});
        metadata.put("tokenizer.ggml.merges", List.of("a b"));

        assertThat(GgufVocabulary.read(metadata, "some.gguf").encode("abb<s>", EncodeOptions.MARKUP))
                .containsExactly(2, 1, 3);
    }

    @Test
    void says_whether_the_model_fills_gaps() throws Exception {
        Tokenizer fresh = BpeTrainer.builder().vocabularySize(270).build().train(List.of("int x;"));
        assertThat(fresh.infillFormat()).isEmpty();
        assertThat(GgufVocabulary.read(GgufVocabulary.metadata(fresh), "fresh.gguf")
                        .infillFormat())
                .isEmpty();
        Tokenizer infilling = fresh.withConfig(fresh.config().withInfilling(true));
        assertThat(GgufVocabulary.read(GgufVocabulary.metadata(infilling), "trained.gguf")
                        .infillFormat())
                .isPresent();
    }

    @Test
    void names_the_key_that_is_missing_or_wrong() {
        assertThatThrownBy(() -> GgufVocabulary.read(Map.of(), "some.gguf"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("tokenizer.ggml.model")
                .hasMessageContaining("gpt2 or llama");
        assertThatThrownBy(() -> GgufVocabulary.read(
                        Map.of("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.tokens", List.of("a", 7)), "some.gguf"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("tokenizer.ggml.tokens[1]");
    }

    /// The key-value pairs of a GGUF file, plainly.
    private static Map<String, Object> metadata(Path file) throws Exception {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(16);
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (long count = buffer.getLong(); count > 0; count--) {
            String key = string(buffer);
            metadata.put(key, value(buffer, buffer.getInt()));
        }
        return metadata;
    }

    private static Object value(ByteBuffer buffer, int type) {
        return switch (type) {
            case 0, 1 -> buffer.get();
            case 2, 3 -> buffer.getShort();
            case 4, 5 -> buffer.getInt();
            case 6 -> buffer.getFloat();
            case 7 -> buffer.get() != 0;
            case 8 -> string(buffer);
            case 9 -> {
                int element = buffer.getInt();
                List<Object> list = new ArrayList<>();
                for (long count = buffer.getLong(); count > 0; count--) {
                    list.add(value(buffer, element));
                }
                yield list;
            }
            case 10, 11 -> buffer.getLong();
            case 12 -> buffer.getDouble();
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private static String string(ByteBuffer buffer) {
        byte[] bytes = new byte[(int) buffer.getLong()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
