package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SentencePiece vocabularies against llama.cpp and llama2.c.
@Tag("shared-data")
class SentencePieceTest {

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer.model", "tokenizer.bin"})
    void llama2_equals_sentencepiece(String file, @TempDir Path saved) throws Exception {
        Tokenizer llama =
                Tokenizer.load(SharedData.tokenizers().resolve("llama2").resolve(file));
        llama.save(saved);
        Path truth = SharedData.tokenizers().resolve("llamacpp/ggml-vocab-llama-spm.gguf");

        SharedData.assertLlamaCpp(llama, truth);
        SharedData.assertLlamaCpp(Tokenizer.load(saved), truth);
        for (String text : SharedData.cases()) {
            assertThat(llama.decode(llama.encode(text))).isEqualTo(text);
            SharedData.assertPlaces(text, llama.encoding(text, EncodeOptions.TEXT), text);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void a_story_is_read_and_written_as_llama2c_does(int number) throws Exception {
        Path folder = SharedData.data().resolve("models/stories260K");
        Tokenizer tokenizer = Llama2cFile.read(folder.resolve("tok512.bin"));
        String prompt =
                Files.readString(folder.resolve("expected/p" + number + ".txt")).stripTrailing();
        Map<?, ?> expected = (Map<?, ?>) SharedData.json(folder.resolve("expected/p" + number + ".json"));
        int[] ids = SharedData.ids(expected.get("ids"));
        int count = (Integer) expected.get("prompt_tokens");

        assertThat(tokenizer.encode(prompt, EncodeOptions.PROMPT)).isEqualTo(Arrays.copyOf(ids, count));
        assertThat(tokenizer.decodeWithoutSpecialTokens(ids)).startsWith(prompt);
    }

    @Test
    void the_beginning_of_a_text_is_shown_without_the_space_that_was_put_before_it() throws Exception {
        Tokenizer llama = Tokenizer.load(SharedData.tokenizers().resolve("llama2/tokenizer.model"));
        StreamingDecoder decoder = llama.streamingDecoder();
        StringBuilder shown = new StringBuilder();
        for (int id : llama.encode("größe 😀")) {
            shown.append(decoder.add(id));
        }
        assertThat(shown.append(decoder.finish())).hasToString("größe 😀");
    }
}
