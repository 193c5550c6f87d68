package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.InfillFormat;
import io.localcodemodel.tokenizer.RepositoryFile;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A gap is shown with other files of its repository, or with the text after it first.
class InfillOptionsTest {
    private static final GenerationOptions FIVE = GenerationOptions.greedy(5);
    private static final List<RepositoryFile> FILES =
            List.of(new RepositoryFile("A", "aaaa"), new RepositoryFile("B", "bbbbbb"));
    private static final InfillOptions SHOWN = InfillOptions.inRepository("shop", "C", FILES);

    private static final Tokenizer QWEN = tokenizer(
            "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>", "<|repo_name|>");
    private static final Tokenizer STAR_CODER =
            tokenizer("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<repo_name>");

    private static Tokenizer tokenizer(String... specials) {
        return TinyModels.infilling(BpeTrainer.builder()
                .vocabularySize(270)
                .specialTokens(specials)
                .build()
                .train(List.of("int a")));
    }

    static List<Tokenizer> families() {
        return List.of(QWEN, STAR_CODER);
    }

    private static InfillFraming.Prompt prompt(
            Tokenizer tokenizer, String before, String after, InfillOptions shown, GenerationOptions options) {
        return InfillFraming.of(tokenizer, new Framing(tokenizer))
                .orElseThrow()
                .prompt(before, after, shown, TinyModels.CONTEXT, options);
    }

    @ParameterizedTest
    @MethodSource("families")
    void a_model_sees_the_repository_as_its_family_writes_it(Tokenizer tokenizer) {
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        int[] tokens = format.encode("shop", FILES, "C", "int ", ";");
        try (CodeModel code = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer)) {
            Completion completion = code.infill("int ", ";", SHOWN, FIVE);
            assertThat(completion.promptTokens()).isEqualTo(tokens.length);
            assertThat(completion.droppedTokens()).isZero();
            assertThat(completion.tokens())
                    .isEqualTo(
                            code.session().appendTokens(tokens).complete(FIVE).tokens());
            assertThat(code.session().infill("int ", ";", SHOWN, FIVE).tokens()).isEqualTo(completion.tokens());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void the_text_after_the_gap_comes_first_where_told_to(Tokenizer tokenizer) {
        InfillFormat format = tokenizer.infillFormat().orElseThrow().withSuffixFirst();
        assertThat(prompt(tokenizer, "int ", ";", InfillOptions.DEFAULTS.withSuffixFirst(), FIVE)
                        .tokens())
                .isEqualTo(format.encode("int ", ";"));
        assertThat(prompt(tokenizer, "int ", ";", SHOWN.withSuffixFirst(), FIVE).tokens())
                .isEqualTo(format.encode("shop", FILES, "C", "int ", ";"));
    }

    @ParameterizedTest
    @MethodSource("families")
    void files_that_find_no_place_are_left_out_whole_the_least_important_first(Tokenizer tokenizer) {
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        String before = "x".repeat(33);
        InfillFraming.Prompt one = prompt(tokenizer, before, ";", SHOWN, FIVE);
        assertThat(one.tokens()).isEqualTo(format.encode("shop", FILES.subList(1, 2), "C", before, ";"));
        assertThat(one.dropped())
                .isEqualTo(format.encode("shop", FILES, "C", before, ";").length - one.tokens().length);
    }

    @ParameterizedTest
    @MethodSource("families")
    void texts_are_cut_when_no_file_is_left_and_the_path_stays(Tokenizer tokenizer) {
        InfillFormat format = tokenizer.infillFormat().orElseThrow();
        InfillFraming.Prompt cut = prompt(tokenizer, "z".repeat(90), "y".repeat(90), SHOWN, FIVE);
        assertThat(cut.tokens()).hasSize(TinyModels.CONTEXT - 4);
        String shown = tokenizer.decode(cut.tokens());
        int right = shown.length() - shown.replace("y", "").length();
        int left = shown.length() - shown.replace("z", "").length();
        assertThat(cut.tokens()).isEqualTo(format.encode("shop", List.of(), "C", "z".repeat(left), "y".repeat(right)));
        assertThat(left).isGreaterThan(2 * right);
    }

    @Test
    void refuses_what_does_not_fit_when_told_to() {
        GenerationOptions refusing = GenerationOptions.builder()
                .maximumTokens(5)
                .contextPolicy(ContextPolicy.REFUSE)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prompt(QWEN, "x".repeat(40), ";", SHOWN, refusing))
                .withMessageContaining("have 40 and 1 tokens, other files 18");
    }

    @Test
    void says_which_models_are_not_shown_repositories() {
        Tokenizer plain = tokenizer("<|endoftext|>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> prompt(plain, "a", "b", SHOWN, FIVE))
                .withMessageContaining("StarCoder are not shown repositories");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InfillOptions.inRepository("shop", "", FILES))
                .withMessageContaining("the path of the file with the gap");
    }
}
