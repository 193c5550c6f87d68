package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a format would lose is refused by its writer.
class WritersRefuseTest {

    private static final String SENTENCE_PIECE = """
        {"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},
        {"id":2,"content":"</s>","special":true}],"normalizer":{"type":"Sequence","normalizers":[
        {"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
        "post_processor":{"type":"TemplateProcessing","single":[<single>],"pair":[],"special_tokens":{
        "<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}},
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
        "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"ignore_merges":false,
        "vocab":{"<unk>":0,"<s>":1,"</s>":2,"▁":3,"a":4,"▁a":5},"merges":["▁ a"]}}
        """;
    private static final String TEXT = "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}";
    private static final String BEGIN = "{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}}";
    private static final String END = "{\"SpecialToken\":{\"id\":\"</s>\",\"type_id\":0}}";

    private static Tokenizer sentencePiece(String single, String from, String to) throws Exception {
        String json = SENTENCE_PIECE.replace("<single>", single).replace(from.isEmpty() ? "\0" : from, to);
        return TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"fuse_unk\":true','\"fuse_unk\":false',settings of its own",
        "'\"ignore_merges\":false','\"ignore_merges\":true',settings of its own",
        "'\"start\":1','\"start\":0',decodes otherwise",
    })
    void settings_that_a_sentencepiece_vocabulary_lacks(String from, String to, String message) throws Exception {
        Tokenizer plain = sentencePiece(BEGIN + "," + TEXT, "", "");
        SentencePieceWriter.write(plain);
        GgufVocabulary.metadata(plain);
        Tokenizer tokenizer = sentencePiece(BEGIN + "," + TEXT, from, to);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SentencePieceWriter.write(tokenizer))
                .withMessageContaining(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufVocabulary.metadata(tokenizer))
                .withMessageContaining(message);
    }

    @Test
    void a_token_after_the_text() throws Exception {
        for (String single : List.of(TEXT + "," + END, BEGIN + "," + TEXT + "," + END)) {
            Tokenizer tokenizer = sentencePiece(single, "", "");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SentencePieceWriter.write(tokenizer))
                    .withMessageContaining("frames a text otherwise");
            assertThat(GgufVocabulary.metadata(tokenizer)).containsEntry("tokenizer.ggml.add_eos_token", true);
        }
    }

    @Test
    void a_splitter_or_normaliser_beside_vocabulary_and_merges(@TempDir Path folder) {
        Tokenizer trained = BpeTrainer.builder().vocabularySize(260).build().train(List.of("int x; int y;"));
        Tokenizer normalized = Tokenizer.builder()
                .normalizer(new LowercaseNormalizer())
                .splitter(ByteLevelSplitter.gpt2())
                .model(trained.model())
                .build();
        Tokenizer unsplit = Tokenizer.builder().model(trained.model()).build();
        for (Tokenizer tokenizer : List.of(normalized, unsplit)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> MergesFile.write(tokenizer, folder))
                    .withMessageContaining("with the splitter of GPT-2");
        }
    }
}
