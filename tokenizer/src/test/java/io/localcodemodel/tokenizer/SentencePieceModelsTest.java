package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

/// Small SentencePiece models against SentencePiece itself (see the README beside them).
class SentencePieceModelsTest {

    private static final Path FOLDER = Path.of("src/test/resources/sentencepiece");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unigram",
                "unigram-bytes",
                "unigram-defined",
                "bpe",
                "bpe-defined",
                "bpe-spaces",
                "bpe-unused",
                "characters",
                "characters-defined"
            })
    void equals_sentencepiece(String name, @TempDir Path saved) throws Exception {
        Tokenizer tokenizer = Tokenizer.load(FOLDER.resolve(name + ".model"));
        tokenizer.save(saved);
        Tokenizer again = Tokenizer.load(saved);

        List<?> cases = (List<?>) JSON.std.anyFrom(Files.readAllBytes(FOLDER.resolve(name + ".cases.json")));
        assertThat(cases).hasSize(120);
        for (Object element : cases) {
            Map<?, ?> expected = (Map<?, ?>) element;
            String text = (String) expected.get("text");
            int[] ids = ((List<?>) expected.get("ids"))
                    .stream().mapToInt(id -> (Integer) id).toArray();
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
            assertThat(again.encode(text)).as("saved: %s", text).isEqualTo(ids);
            Encoding encoding = tokenizer.encoding(text, EncodeOptions.TEXT);
            assertThat(encoding.ids()).as(text).isEqualTo(ids);
            assertThat(encoding.starts()).as(text).isSorted();
            assertThat(Arrays.stream(encoding.ends()).max().orElse(0)).isLessThanOrEqualTo(text.length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unigram", "unigram-bytes", "unigram-defined", "bpe-defined", "bpe-spaces", "bpe-unused"})
    void is_the_same_after_being_written_and_read(String name, @TempDir Path folder) throws Exception {
        Tokenizer tokenizer = Tokenizer.load(FOLDER.resolve(name + ".model"));
        Path file = folder.resolve("again.model");
        SentencePieceFile.write(tokenizer, file);
        Tokenizer again = Tokenizer.load(file);

        assertThat(JSON.std.asString(TokenizerJson.json(again)))
                .isEqualTo(JSON.std.asString(TokenizerJson.json(tokenizer)));
        for (Object element : (List<?>) JSON.std.anyFrom(Files.readAllBytes(FOLDER.resolve(name + ".cases.json")))) {
            String text = (String) ((Map<?, ?>) element).get("text");
            assertThat(again.encode(text, EncodeOptions.PROMPT))
                    .as(text)
                    .isEqualTo(tokenizer.encode(text, EncodeOptions.PROMPT));
        }
        assertThat(SentencePieceWriter.write(again)).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void refuses_to_write_what_a_model_file_cannot_say() {
        Unigram model = Unigram.of(List.of("<unk>", "a"), new double[] {0, -1.1}, 0, false);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SentencePieceWriter.write(
                        Tokenizer.builder().model(model).build()))
                .withMessageContaining("how this tokenizer rewrites texts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SentencePieceWriter.write(Tokenizer.builder()
                        .normalizer(new SentenceNormalization(null, true, true).normalizer())
                        .model(model)
                        .build()))
                .withMessageContaining("its scores are not of single precision");
    }

    @Test
    void refuses_a_user_defined_piece_that_normalisation_changes() throws Exception {
        byte[] model = Files.readAllBytes(FOLDER.resolve("unigram-defined.model"));
        int at = new String(model, StandardCharsets.ISO_8859_1).indexOf("==>");
        model[at] = ' ';

        assertThatThrownBy(() -> SentencePieceFile.read(model, "changed.model"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("user-defined")
                .hasMessageContaining("\" =>\"");
    }

    @Test
    void runs_of_spaces_that_a_user_defined_are_plain_spaces_in_gguf() throws Exception {
        Tokenizer tokenizer = Tokenizer.load(FOLDER.resolve("bpe-spaces.model"));
        Map<String, Object> metadata = GgufVocabulary.metadata(tokenizer);
        Tokenizer again = GgufVocabulary.read(metadata, "vocabulary.gguf");

        Object spelled = ((List<?>) metadata.get("tokenizer.ggml.tokens"))
                .get(tokenizer.id("▁▁").orElseThrow());
        assertThat(spelled).isEqualTo("  ");
        assertThat(again.model().json()).isEqualTo(tokenizer.model().json());
        int two = tokenizer.id("▁▁").orElseThrow();
        int four = tokenizer.id("▁▁▁▁").orElseThrow();
        assertThat(again.encode("      ")).containsExactly(four, two);
        assertThat(again.decode(four, two)).isEqualTo("      ");
    }

    @Test
    void a_mark_of_a_gap_that_a_user_defined_is_text_where_a_source_spells_it() throws Exception {
        List<SentencePieces.Piece> pieces = List.of(
                new SentencePieces.Piece("<unk>", 0, SentencePieces.Kind.UNKNOWN),
                new SentencePieces.Piece("<|fim_prefix|>", 0, SentencePieces.Kind.USER_DEFINED),
                new SentencePieces.Piece("a", 0, SentencePieces.Kind.NORMAL),
                new SentencePieces.Piece("b", 0, SentencePieces.Kind.NORMAL),
                new SentencePieces.Piece("ab", 0, SentencePieces.Kind.NORMAL));
        Tokenizer tokenizer = new SentencePieces(pieces, "the vocabulary").tokenizer(false, new TextBoundaries(-1, -1));

        assertThat(tokenizer.encode("<|fim_prefix|>ab", EncodeOptions.MARKUP)).containsExactly(1, 4);
        assertThat(tokenizer.encode("<|fim_prefix|>ab")).containsExactly(0, 4);
    }
}
