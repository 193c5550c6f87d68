package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The prompts are those of the model cards and of the families' own programs.
class InfillFormatTest {

    private static Tokenizer bytes(String... specials) {
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(280)
                .specialTokens(specials)
                .build()
                .train(List.of("int x = 1;"));
        return tokenizer.withConfig(TokenizerConfig.EMPTY);
    }

    /// A vocabulary as SentencePiece makes them: a space is put before a text.
    private static Tokenizer pieces(String... specials) throws TokenizerFormatException {
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        pieces.add(new SentencePieces.Piece("<unk>", 0, SentencePieces.Kind.UNKNOWN));
        pieces.add(new SentencePieces.Piece("<s>", 0, SentencePieces.Kind.CONTROL));
        for (String special : specials) {
            pieces.add(new SentencePieces.Piece(special, 0, SentencePieces.Kind.CONTROL));
        }
        for (String piece : List.of("▁", "a", "b", ";", "▁a", "<0x0A>")) {
            boolean isByte = piece.startsWith("<0x");
            pieces.add(new SentencePieces.Piece(
                    piece, -pieces.size(), isByte ? SentencePieces.Kind.BYTE : SentencePieces.Kind.NORMAL));
        }
        return new SentencePieces(pieces, "small.model").tokenizer(true, 1);
    }

    private static String tokens(Tokenizer tokenizer, int[] ids) {
        StringBuilder tokens = new StringBuilder();
        for (int id : ids) {
            tokens.append(tokenizer.token(id)).append(' ');
        }
        return tokens.toString().strip();
    }

    @ParameterizedTest
    @CsvSource({
        "StarCoder, <fim_prefix>, <fim_suffix>, <fim_middle>, <|endoftext|>, <file_sep>",
        "SantaCoder, <fim-prefix>, <fim-suffix>, <fim-middle>, <|endoftext|>, <fim-pad>",
        "Qwen Coder, <|fim_prefix|>, <|fim_suffix|>, <|fim_middle|>, <|endoftext|>, <|file_sep|>",
        "CodeGemma, <|fim_prefix|>, <|fim_suffix|>, <|fim_middle|>, <|file_separator|>, <eos>",
        "DeepSeek Coder, <｜fim▁begin｜>, <｜fim▁hole｜>, <｜fim▁end｜>, <｜end▁of▁sentence｜>, <|EOT|>",
        "Code Llama, ▁<PRE>, ▁<SUF>, ▁<MID>, ▁<EOT>, </s>",
    })
    void shows_a_gap_as_the_family_does(
            String family, String prefix, String suffix, String middle, String end, String other) {
        Tokenizer tokenizer = bytes(end, other, suffix, middle, prefix);
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        assertThat(format.family()).isEqualTo(family);
        assertThat(tokenizer.decode(format.encode("int a = ", ";")))
                .isEqualTo(prefix + "int a = " + suffix + ";" + middle);
        assertThat(format.ends()).contains(tokenizer.id(end).orElseThrow());
        assertThat(format.marks()).isEqualTo(3);
        assertThat(tokenizer.decode(format.withSuffixFirst().encode("int a = ", ";")))
                .isEqualTo(prefix + suffix + ";" + middle + "int a = ");
    }

    @Test
    void codestral_shows_the_text_after_the_gap_first_and_marks_no_middle() throws Exception {
        Tokenizer tokenizer = pieces("[PREFIX]", "[MIDDLE]", "[SUFFIX]", "</s>");
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        assertThat(format.family()).isEqualTo("Codestral");
        assertThat(format.suffixFirst()).isTrue();
        assertThat(tokens(tokenizer, format.encode("a", "b;"))).isEqualTo("[SUFFIX] b ; [PREFIX] ▁a");
        assertThat(format.ends()).contains(tokenizer.id("</s>").orElseThrow());
    }

    @Test
    void code_llama_writes_a_space_before_the_first_text_only() throws Exception {
        Tokenizer tokenizer = pieces("▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>");
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        assertThat(tokens(tokenizer, format.encode("a", "a;"))).isEqualTo("▁<PRE> ▁a ▁<SUF> a ; ▁<MID>");
        assertThat(tokens(tokenizer, format.withSuffixFirst().encode("a", "a;")))
                .isEqualTo("▁<PRE> ▁<SUF> a ; ▁<MID> ▁a");
    }

    @Test
    void marks_spelled_in_the_source_are_text() {
        Tokenizer tokenizer = bytes("<fim_prefix>", "<fim_suffix>", "<fim_middle>");
        int[] prompt = tokenizer.infillFormat().orElseThrow().encode("\"<fim_middle>\"", "<fim_suffix>");
        assertThat(prompt)
                .containsOnlyOnce(tokenizer.id("<fim_middle>").orElseThrow())
                .containsOnlyOnce(tokenizer.id("<fim_suffix>").orElseThrow());
    }

    @Test
    void qwen_coder_is_shown_a_repository() {
        Tokenizer tokenizer = bytes(
                "<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|repo_name|>", "<|file_sep|>");
        int[] prompt = tokenizer
                .infillFormat()
                .orElseThrow()
                .encode("shop", List.of(new RepositoryFile("a/A.java", "class A {}")), "B.java", "class B {", "}");
        assertThat(tokenizer.decode(prompt)).isEqualTo("""
            <|repo_name|>shop
            <|file_sep|>a/A.java
            class A {}
            <|file_sep|>B.java
            <|fim_prefix|>class B {<|fim_suffix|>}<|fim_middle|>\
            """);
    }

    @Test
    void star_coder_2_is_shown_a_repository() {
        Tokenizer tokenizer =
                bytes("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<repo_name>", "<file_sep>");
        int[] prompt = tokenizer
                .infillFormat()
                .orElseThrow()
                .encode("shop", List.of(new RepositoryFile("a/A.java", "class A {}")), "B.java", "class B {", "}");
        assertThat(tokenizer.decode(prompt)).isEqualTo("""
            <repo_name>shop<file_sep>a/A.java
            class A {}<file_sep><fim_prefix>B.java
            class B {<fim_suffix>}<fim_middle>\
            """);
    }

    @Test
    void a_family_without_a_form_for_repositories_says_so() {
        InfillFormat format = bytes("<fim-prefix>", "<fim-suffix>", "<fim-middle>")
                .infillFormat()
                .orElseThrow();
        assertThat(format.showsRepositories()).isFalse();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> format.encode("shop", List.of(), "A.java", "", ""))
                .withMessageContaining("SantaCoder are not shown repositories");
    }

    @Test
    void a_vocabulary_that_lacks_a_mark_has_no_format() {
        assertThat(bytes("<fim_prefix>", "<fim_middle>").infillFormat()).isEmpty();
    }

    @Test
    void a_model_that_was_not_trained_with_the_marks_has_no_format() {
        Tokenizer fresh = BpeTrainer.builder().vocabularySize(270).build().train(List.of("int x;"));
        assertThat(fresh.id("<|fim_middle|>")).isPresent();
        assertThat(fresh.infillFormat()).isEmpty();
        assertThat(fresh.withConfig(fresh.config().withInfilling(true)).infillFormat())
                .isPresent();
    }
}
