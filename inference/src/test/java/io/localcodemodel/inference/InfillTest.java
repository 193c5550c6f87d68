package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.EncodeOptions;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InfillTest {
    private static final GenerationOptions FIVE = GenerationOptions.greedy(5);

    private static Tokenizer tokenizer(String... specials) {
        return TinyModels.infilling(BpeTrainer.builder()
                .vocabularySize(290)
                .specialTokens(specials)
                .build()
                .train(List.of(TinyModels.SOURCE)));
    }

    private static String shown(Tokenizer tokenizer, String before, String after, GenerationOptions options) {
        InfillFraming framing =
                InfillFraming.of(tokenizer, new Framing(tokenizer)).orElseThrow();
        return tokenizer.decode(framing.prompt(before, after, InfillOptions.DEFAULTS, TinyModels.CONTEXT, options)
                .tokens());
    }

    @ParameterizedTest
    @CsvSource({
        "<fim_prefix>, <fim_suffix>, <fim_middle>",
        "<|fim_prefix|>, <|fim_suffix|>, <|fim_middle|>",
        "▁<PRE>, ▁<SUF>, ▁<MID>",
        "<｜fim▁begin｜>, <｜fim▁hole｜>, <｜fim▁end｜>",
    })
    void shows_the_gap_in_the_words_of_each_family(String prefix, String suffix, String middle) {
        Tokenizer tokenizer = tokenizer("<|endoftext|>", suffix, middle, prefix);
        assertThat(shown(tokenizer, "int a = ", ";", FIVE)).isEqualTo(prefix + "int a = " + suffix + ";" + middle);
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            int[] prompt = tokenizer.encode(prefix + "int a = " + suffix + ";" + middle, EncodeOptions.MARKUP);
            assertThat(code.infills()).isTrue();
            assertThat(code.infill("int a = ", ";", FIVE).tokens())
                    .isEqualTo(
                            code.session().appendTokens(prompt).complete(FIVE).tokens());
        }
    }

    @Test
    void marks_spelled_in_the_source_are_text() {
        Tokenizer tokenizer = TinyModels.BYTES;
        int[] prompt = InfillFraming.of(tokenizer, new Framing(tokenizer))
                .orElseThrow()
                .prompt("\"<|fim_middle|>\"", "", InfillOptions.DEFAULTS, TinyModels.CONTEXT, FIVE)
                .tokens();
        assertThat(prompt).containsOnlyOnce(tokenizer.id("<|fim_middle|>").orElseThrow());
    }

    @Test
    void a_mark_ends_the_filled_gap() {
        Tokenizer tokenizer = TinyModels.BYTES;
        int mark = tokenizer.id("<|fim_prefix|>").orElseThrow();
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            int prompt = tokenizer.encode("int a").length + 3;
            Completion completion = code.infill(
                    "int a",
                    "",
                    GenerationOptions.builder()
                            .maximumTokens(9)
                            .step(SessionTest.force(mark, prompt + 2))
                            .build());
            assertThat(completion.finish()).isEqualTo(new FinishReason.EndOfText(mark));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<|file_sep|>", "<|repo_name|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_pad|>"})
    void the_mark_of_another_file_or_gap_ends_a_text(String mark) {
        Tokenizer tokenizer = tokenizer(
                "<|endoftext|>",
                "<|fim_prefix|>",
                "<|fim_suffix|>",
                "<|fim_middle|>",
                "<|fim_pad|>",
                "<|file_sep|>",
                "<|repo_name|>");
        int token = tokenizer.id(mark).orElseThrow();
        int prompt = tokenizer.encode("int a").length;
        GenerationOptions.Builder options =
                GenerationOptions.builder().maximumTokens(9).step(SessionTest.force(token, prompt + 2));
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            Completion completion = code.complete("int a", options.build());
            assertThat(completion.finish()).isEqualTo(new FinishReason.EndOfText(token));
            assertThat(completion.tokens()).hasSize(2);
            Completion ignoring =
                    code.complete("int a", options.ignoringEndOfText().build());
            assertThat(ignoring.tokens()).hasSize(9).contains(token);
        }
    }

    @Test
    void the_mark_of_another_file_ends_a_text_of_a_model_that_does_not_fill_gaps() {
        Tokenizer tokenizer = tokenizer("<|endoftext|>", "<file_sep>");
        int token = tokenizer.id("<file_sep>").orElseThrow();
        GenerationOptions options = GenerationOptions.builder()
                .maximumTokens(9)
                .logitBias(Map.of(token, 1000f))
                .build();
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            assertThat(code.complete("int a", options).finish()).isEqualTo(new FinishReason.EndOfText(token));
        }
    }

    @Test
    void long_texts_lose_what_is_farthest_from_the_gap() {
        String letters = "abcdefghijklmnopqrstuvwxyz".repeat(4);
        String shown = shown(TinyModels.BYTES, letters, letters, FIVE);
        String before = shown.substring("<|fim_prefix|>".length(), shown.indexOf("<|fim_suffix|>"));
        String after = shown.substring(
                shown.indexOf("<|fim_suffix|>") + "<|fim_suffix|>".length(), shown.indexOf("<|fim_middle|>"));
        assertThat(letters).endsWith(before).startsWith(after);
        assertThat(before.length()).isGreaterThan(2 * after.length());
        int tokens = TinyModels.BYTES.encode(shown, EncodeOptions.MARKUP).length;
        assertThat(tokens).isEqualTo(TinyModels.CONTEXT - 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void texts_are_cut_between_characters_and_nothing_of_them_is_in_the_completion(int shift) {
        int letter = TinyModels.BYTES.encode("a")[0];
        GenerationOptions letters = GenerationOptions.builder()
                .maximumTokens(3)
                .logitBias(Map.of(letter, 1000f))
                .build();
        String before = "最".repeat(80) + "y".repeat(shift);
        String after = "x".repeat(shift) + "最".repeat(80);
        assertThat(shown(TinyModels.BYTES, before, after, letters))
                .contains("最")
                .doesNotContain("\uFFFD");
        try (CodeModel code = TinyModels.bytes()) {
            assertThat(code.infill(before, after, letters).text()).isEqualTo("aaa");
        }
    }

    @Test
    void tells_how_much_found_no_place_and_does_not_slide_the_marks_away() {
        GenerationOptions sliding = GenerationOptions.builder()
                .maximumTokens(60)
                .ignoringEndOfText()
                .contextPolicy(ContextPolicy.SLIDE)
                .build();
        try (CodeModel code = TinyModels.bytes()) {
            Completion completion = code.infill("x".repeat(50), "y".repeat(20), sliding);
            // Half of 64 places are the prompt's; 3 of those are marks.
            assertThat(completion.promptTokens()).isEqualTo(32);
            assertThat(completion.droppedTokens()).isEqualTo(50 + 20 - 29);
            assertThat(completion.finish()).isEqualTo(new FinishReason.ContextFull());
        }
    }

    @Test
    void a_session_computes_again_only_what_follows_the_edit() {
        try (CodeModel code = TinyModels.bytes();
                Session session = code.session()) {
            assertThat(session.infill("int ab = ", ";", FIVE).tokens())
                    .isEqualTo(code.infill("int ab = ", ";", FIVE).tokens());
            Completion second = session.infill("int ab = 7", ";", FIVE);
            int common = code.tokenizer().encode("int ab = ").length + 1;
            assertThat(second.reusedTokens()).isBetween(common - 2, common);
            assertThat(second.tokens())
                    .isEqualTo(code.infill("int ab = 7", ";", FIVE).tokens());
        }
    }

    @Test
    void a_short_text_before_leaves_its_room_to_the_text_after() {
        String letters = "abcdefghijklmnopqrstuvwxyz".repeat(4);
        String shown = shown(TinyModels.BYTES, "x", letters, FIVE);
        assertThat(shown).startsWith("<|fim_prefix|>x<|fim_suffix|>abc");
        assertThat(TinyModels.BYTES.encode(shown, EncodeOptions.MARKUP)).hasSize(TinyModels.CONTEXT - 4);
    }

    @Test
    void refuses_texts_that_do_not_fit_when_told_to() {
        GenerationOptions refusing = GenerationOptions.builder()
                .maximumTokens(5)
                .contextPolicy(ContextPolicy.REFUSE)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shown(TinyModels.BYTES, "x".repeat(50), "y".repeat(20), refusing))
                .withMessageContaining("have 50 and 20 tokens")
                .withMessageContaining("room for 61");
    }

    @Test
    void says_which_tokens_a_tokenizer_would_need() {
        Tokenizer tokenizer = tokenizer("<|endoftext|>", "<fim_prefix>");
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            assertThat(code.infills()).isFalse();
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> code.infill("a", "b", FIVE))
                    .withMessageContaining("this model cannot infill")
                    .withMessageContaining("its tokenizer has the marks of no known family (Code Llama: ▁<PRE>, ▁<SUF>")
                    .withMessageContaining("StarCoder: <fim_prefix>, <fim_suffix>, <fim_middle>");
        }
    }

    @Test
    void a_fresh_vocabulary_does_not_claim_that_its_model_fills_gaps() {
        Tokenizer tokenizer = BpeTrainer.builder().vocabularySize(290).build().train(List.of(TinyModels.SOURCE));
        assertThat(tokenizer.id("<|fim_prefix|>")).isPresent();
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            assertThat(code.infills()).isFalse();
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> code.infill("a", "b", FIVE))
                    .withMessageContaining("says that it was not trained to (infilling: false)");
        }
    }

    @Test
    void a_saved_model_still_fills_gaps_if_it_did(@TempDir Path folder) throws IOException {
        Tokenizer tokenizer = TinyModels.BYTES;
        CodeModel.save(folder, TinyModels.llama(tokenizer), tokenizer);
        try (CodeModel loaded = CodeModel.load(folder)) {
            assertThat(loaded.infills()).isTrue();
        }
        Tokenizer untrained = tokenizer.withConfig(tokenizer.config().withInfilling(false));
        CodeModel.save(folder, TinyModels.llama(untrained), untrained);
        try (CodeModel loaded = CodeModel.load(folder)) {
            assertThat(loaded.infills()).isFalse();
        }
    }
}
