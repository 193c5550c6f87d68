package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Published byte-level vocabularies against the implementations they come from.
@Tag("shared-data")
class PublishedVocabulariesTest {

    private final Path folder = SharedData.tokenizers();

    @Test
    void gpt2_equals_the_hugging_face_library() throws Exception {
        Tokenizer gpt2 = Tokenizer.load(folder.resolve("gpt2"));

        SharedData.assertCases(gpt2, EncodeOptions.PROMPT, folder.resolve("gpt2/cases.expected.hf.json"), "ids");
        SharedData.assertLlamaCpp(gpt2, folder.resolve("llamacpp/ggml-vocab-gpt-2.gguf"));
        SharedData.assertDocuments(gpt2, EncodeOptions.PROMPT, folder.resolve("gpt2/docs.expected.hf.json"));
        for (String text : SharedData.cases()) {
            assertThat(gpt2.decode(gpt2.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void gpt2_is_the_same_from_its_vocabulary_and_merges(@TempDir Path saved) throws Exception {
        Tokenizer gpt2 = MergesFile.read(folder.resolve("gpt2/encoder.json"), folder.resolve("gpt2/vocab.bpe"));
        MergesFile.write(gpt2, saved);
        Tokenizer again = Tokenizer.load(saved);

        SharedData.assertCases(gpt2, EncodeOptions.MARKUP, folder.resolve("gpt2/cases.expected.hf.json"), "ids");
        SharedData.assertCases(again, EncodeOptions.MARKUP, folder.resolve("gpt2/cases.expected.hf.json"), "ids");
        assertThat(again.endOfText()).hasValue(50256);
    }

    @Test
    void qwen3_equals_the_hugging_face_library(@TempDir Path saved) throws Exception {
        Tokenizer qwen3 = Tokenizer.load(folder.resolve("qwen3"));
        Path expected = folder.resolve("qwen3/cases.expected.hf.json");

        SharedData.assertCases(qwen3, EncodeOptions.PROMPT, expected, "ids");
        SharedData.assertDocuments(qwen3, EncodeOptions.PROMPT, folder.resolve("qwen3/docs.expected.hf.json"));
        SharedData.assertLlamaCpp(qwen3, folder.resolve("llamacpp/ggml-vocab-qwen2.gguf"));
        assertThat(qwen3.encode("<|fim_prefix|>", EncodeOptions.MARKUP)).containsExactly(151659);
        assertThat(qwen3.encode("<|fim_prefix|>")).doesNotContain(151659);
        qwen3.save(saved);
        SharedData.assertCases(Tokenizer.load(saved), EncodeOptions.PROMPT, expected, "ids");
    }

    @ParameterizedTest
    @ValueSource(strings = {"r50k_base", "cl100k_base", "o200k_base"})
    void an_openai_encoding_equals_tiktoken(String name, @TempDir Path saved) throws Exception {
        Path expected = folder.resolve("tiktoken/" + name + ".cases.expected.tiktoken.json");
        Tokenizer read = Tokenizer.load(folder.resolve("tiktoken/" + name + ".tiktoken"));

        SharedData.assertCases(read, EncodeOptions.TEXT, expected, "ordinary");
        SharedData.assertCases(read, EncodeOptions.MARKUP, expected, "all_special");
        SharedData.assertDocuments(
                read, EncodeOptions.TEXT, folder.resolve("tiktoken/" + name + ".docs.expected.tiktoken.json"));

        read.save(saved);
        SharedData.assertCases(Tokenizer.load(saved), EncodeOptions.MARKUP, expected, "all_special");
        Path ranks = saved.resolve(name + ".tiktoken");
        TiktokenFile.write(read, ranks);
        assertThat(ranks).hasSameBinaryContentAs(folder.resolve("tiktoken/" + name + ".tiktoken"));
    }
}
