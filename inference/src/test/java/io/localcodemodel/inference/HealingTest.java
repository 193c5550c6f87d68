package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
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

    @Test
    void a_prompt_that_is_refused_stays_as_it_was() {
        try (CodeModel code = model()) {
            Session session = code.session().append("static public ".repeat(code.contextLength()) + "publi");
            int[] before = session.tokens();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.complete(GenerationOptions.builder()
                            .maximumTokens(2)
                            .contextPolicy(ContextPolicy.REFUSE)
                            .tokenHealing()
                            .build()))
                    .withMessageContaining("the model's context holds");
            assertThat(session.tokens()).isEqualTo(before);
        }
    }

    /// A model that spells with single letters.
    private static GenerationOptions.Builder spelling(String letters) {
        Map<Integer, Float> bias = new HashMap<>();
        letters.chars()
                .forEach(letter ->
                        bias.put(TOKENIZER.id(Character.toString(letter)).orElseThrow(), 100f));
        return GenerationOptions.builder().maximumTokens(3).logitBias(bias);
    }

    @Test
    void log_probabilities_are_those_of_the_tokens_after_the_prompt() {
        GenerationOptions plain = spelling("Ġpubli").logProbabilities().build();
        GenerationOptions healing =
                spelling("Ġpubli").logProbabilities().tokenHealing().build();
        try (CodeModel code = model()) {
            Session session = code.session().append("static publi");
            int before = session.tokens().length;
            Completion healed = session.complete(healing);
            int[] all = session.tokens();
            assertThat(all.length - healed.tokens().size()).isGreaterThan(before);
            assertThat(healed.logProbabilities()).hasSameSizeAs(healed.tokens());
            Completion again = code.session()
                    .appendTokens(Arrays.copyOf(all, all.length - 2))
                    .complete(plain);
            assertThat(again.tokens().subList(0, 2)).isEqualTo(healed.tokens().subList(1, 3));
            for (int i = 0; i < 2; i++) {
                assertThat(healed.logProbabilities().get(i + 1))
                        .isCloseTo(again.logProbabilities().get(i), within(1e-4f));
            }
        }
    }

    @Test
    void a_completion_cancelled_inside_the_prompt_shows_no_half_of_its_characters() {
        try (CodeModel code = model()) {
            Session session = code.session().append("return é");
            AtomicReference<Generation> running = new AtomicReference<>();
            GenerationOptions options = spelling("ĠÃ")
                    .tokenHealing()
                    .step((candidates, history) -> {
                        if (history.count(TOKENIZER.id("Ġ").orElseThrow()) > 0) {
                            running.get().cancel();
                        }
                    })
                    .build();
            running.set(session.stream(options));
            int[] before = TOKENIZER.encode("return é");
            assertThat(running.get().completion().text()).isEmpty();
            assertThat(TOKENIZER.decode(session.tokens())).endsWith(TOKENIZER.decode(before));
        }
    }
}
