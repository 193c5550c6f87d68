package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A prompt that ends inside a token is continued as the whole token would be.
class HealingTest {
    private static final Tokenizer TOKENIZER = BpeTrainer.builder()
            .vocabularySize(330)
            .build()
            .train(List.of("public static public static return é漢\n".repeat(9)));

    /// A model that finds one token likelier than all others, and the line feed after it.
    private static GenerationOptions.Builder preferring(String token, int maximumTokens) {
        int wanted = TOKENIZER.id(token).orElseThrow();
        int lineFeed = TOKENIZER.id("Ċ").orElseThrow();
        return GenerationOptions.builder()
                .maximumTokens(maximumTokens)
                .logitBias(Map.of(wanted, 100f, lineFeed, 50f))
                .step((candidates, history) -> {
                    for (int i = 0; i < candidates.size(); i++) {
                        if (candidates.id(i) == wanted && history.count(wanted) > 0) {
                            candidates.setLogit(i, Float.NEGATIVE_INFINITY);
                        }
                    }
                });
    }

    private static CodeModel model() {
        return TinyModels.reference(TinyModels.llama(TOKENIZER), TOKENIZER);
    }

    @Test
    void the_word_is_completed_with_its_own_token() {
        try (CodeModel code = model()) {
            Session session = code.session().append("static publi");
            assertThat(TOKENIZER.encode("static publi").length).isGreaterThan(2);
            Completion healed =
                    session.complete(preferring("Ġpublic", 2).tokenHealing().build());
            assertThat(healed.text()).isEqualTo("c\n");
            assertThat(session.tokens()).isEqualTo(TOKENIZER.encode("static public\n"));
            assertThat(healed.tokens()).hasSize(2);
        }
    }

    @Test
    void without_healing_the_word_stays_cut() {
        try (CodeModel code = model()) {
            assertThat(code.complete("static publi", preferring("Ġpublic", 2).build())
                            .text())
                    .isEqualTo(" public\n");
        }
    }

    @Test
    void what_the_model_does_with_the_whole_word_it_does_with_its_beginning() {
        GenerationOptions plain = preferring("Ġpublic", 6).build();
        try (CodeModel code = model()) {
            String whole = code.complete("static", plain).text();
            String word = " public";
            assertThat(whole).startsWith(word);
            for (int end = 1; end < word.length(); end++) {
                GenerationOptions healing =
                        preferring("Ġpublic", 6).tokenHealing().build();
                assertThat(code.complete("static" + word.substring(0, end), healing)
                                .text())
                        .isEqualTo(whole.substring(end));
            }
        }
    }

    @Test
    void the_prompt_is_never_changed_whatever_the_model_prefers() {
        try (CodeModel code = model()) {
            for (String prompt : List.of("static publi", "static p", "static ", "return é", "x publ", "static\n")) {
                Session session = code.session().append(prompt);
                Completion completion = session.complete(GenerationOptions.builder()
                        .maximumTokens(5)
                        .tokenHealing()
                        .ignoringEndOfText()
                        .build());
                assertThat(TOKENIZER.decodeWithoutSpecialTokens(session.tokens()))
                        .as(prompt)
                        .startsWith(prompt + completion.text());
            }
        }
    }

    @Test
    void a_cancelled_completion_leaves_the_prompt_as_it_was() {
        try (CodeModel code = model()) {
            Session session = code.session().append("static publi");
            int[] before = session.tokens();
            Generation generation =
                    session.stream(preferring("Ġpublic", 2).tokenHealing().build());
            generation.cancel();
            assertThat(generation.completion().text()).isEmpty();
            assertThat(session.tokens()).isEqualTo(before);
        }
    }

    @Test
    void a_stop_string_leaves_the_session_where_the_text_ends() {
        try (CodeModel code = model()) {
            Session session = code.session().append("static publi");
            Completion completion = session.complete(
                    preferring("Ġpublic", 3).tokenHealing().stopStrings("c").build());
            assertThat(completion.text()).isEmpty();
            assertThat(TOKENIZER.decode(session.tokens())).isEqualTo("static publi");
        }
    }
}
