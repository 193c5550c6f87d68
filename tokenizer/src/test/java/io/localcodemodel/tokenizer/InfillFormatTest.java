package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
        return new SentencePieces(pieces, "small.model").tokenizer(true, new TextBoundaries(1, -1));
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

    /// As the file of Qwen2.5-Coder: byte-level BPE after NFC, and no mark of a gap is called special.
    private static Tokenizer likeQwen() {
        Tokenizer trained = bytes();
        Tokenizer.Builder builder = Tokenizer.builder()
                .normalizer(new UnicodeNormalizer(Form.NFC))
                .splitter(trained.splitter().orElseThrow())
                .model(trained.model())
                .decoder(trained.decoder().orElseThrow());
        int id = trained.vocabularySize();
        builder.addedToken(AddedToken.special("<|endoftext|>", id++));
        for (String mark :
                List.of("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>")) {
            builder.addedToken(new AddedToken(mark, id++, false, false, false, false, false));
        }
        builder.addedToken(new AddedToken("<|file_sep|>", id++, false, false, false, true, false));
        return builder.addedToken(new AddedToken("<think>", id, false, false, false, false, false))
                .build();
    }

    /// As the file of CodeGemma: BPE with byte fallback, spaces replaced by the normaliser, no splitter.
    private static Tokenizer likeCodeGemma() throws TokenizerFormatException {
        return TokenizerJson.read(
                """
                {"added_tokens":[{"id":0,"content":"<bos>","special":true},{"id":1,"content":"<eos>","special":true},
                {"id":2,"content":"<|fim_prefix|>","special":false,"normalized":false},
                {"id":3,"content":"<|fim_suffix|>","special":false,"normalized":false},
                {"id":4,"content":"<|fim_middle|>","special":false,"normalized":false},
                {"id":5,"content":"<|file_separator|>","special":false,"normalized":true},
                {"id":6,"content":"<think>","special":false,"normalized":false}],
                "normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},
                "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
                {"type":"ByteFallback"},{"type":"Fuse"}]},
                "model":{"type":"BPE","byte_fallback":true,"fuse_unk":true,"unk_token":"<unk>","merges":["a ▁"],
                "vocab":{"<bos>":0,"<eos>":1,"<|fim_prefix|>":2,"<|fim_suffix|>":3,"<|fim_middle|>":4,
                "<|file_separator|>":5,"<think>":6,"<unk>":7,"a":8,"▁":9,"a▁":10,BYTES}}}
                """.replace(
                                "BYTES",
                                IntStream.range(0, 256)
                                        .mapToObj("\"<0x%02X>\":"::formatted)
                                        .map(piece -> piece + (11 + Integer.parseInt(piece.substring(4, 6), 16)))
                                        .collect(Collectors.joining(",")))
                        .getBytes(StandardCharsets.UTF_8),
                "tokenizer.json");
    }

    @Test
    void marks_that_a_file_does_not_call_special_are_text_where_nobody_asks_for_them() throws Exception {
        for (Tokenizer tokenizer : List.of(likeQwen(), likeCodeGemma())) {
            InfillFormat format = tokenizer.infillFormat().orElseThrow();
            String spelled = "a <|fim_prefix|><|fim_suffix|><|fim_middle|><|repo_name|><|file_sep|><|file_separator|>";
            int think = tokenizer.id("<think>").orElseThrow();
            int[] marks = tokenizer.addedTokens().stream()
                    .mapToInt(AddedToken::id)
                    .filter(id -> id != think)
                    .toArray();

            assertThat(tokenizer.encode(spelled)).doesNotContain(marks);
            assertThat(tokenizer.decode(tokenizer.encode(spelled))).isEqualTo(spelled);
            assertThat(tokenizer.encode(spelled, EncodeOptions.MARKUP)).contains(format.encode("", ""));
            int[] gap = format.encode(spelled, spelled);
            assertThat(tokenizer.decode(gap))
                    .isEqualTo(tokenizer
                            .decode(format.encode("", ""))
                            .replace("<|fim_suffix|>", spelled + "<|fim_suffix|>" + spelled));
            assertThat(IntStream.of(gap).filter(id -> format.ends().contains(id)))
                    .hasSize(format.marks());
            assertThat(tokenizer.encode("<think>")).containsExactly(think);
        }
    }

    @Test
    void a_mark_heals_no_prompt() throws Exception {
        for (Tokenizer tokenizer : List.of(likeQwen(), likeCodeGemma())) {
            int mark = tokenizer.id("<|fim_prefix|>").orElseThrow();

            assertThat(tokenizer.prefixes().startingWith(new byte[] {'<', '|'})).doesNotContain(mark);
            assertThat(tokenizer.prefixes().cut(new int[] {mark}, 0, 1)).isZero();
        }
    }

    @Test
    void marks_in_a_conversation_are_text() throws Exception {
        for (Tokenizer tokenizer : List.of(likeQwen(), likeCodeGemma())) {
            int middle = tokenizer.id("<|fim_middle|>").orElseThrow();
            Tokenizer chatting = tokenizer.withConfig(
                    TokenizerConfig.EMPTY.withChatTemplate("<|fim_middle|>{{ messages[0].content }}"));
            List<ChatMessage> messages = List.of(ChatMessage.user("a <|fim_middle|><|file_sep|><think>"));
            int[] ids = chatting.encodeChat(messages, ChatOptions.DEFAULTS);

            assertThat(ids).containsOnlyOnce(middle).startsWith(middle);
            assertThat(ids).endsWith(tokenizer.id("<think>").orElseThrow());
            tokenizer.id("<|file_sep|>").ifPresent(id -> assertThat(ids).doesNotContain(id));
            assertThat(tokenizer.decode(ids)).isEqualTo("<|fim_middle|>a <|fim_middle|><|file_sep|><think>");
        }
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
