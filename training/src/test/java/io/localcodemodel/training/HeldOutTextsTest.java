package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldOutTextsTest {
    @Test
    void held_out_texts_without_a_byte_are_no_held_out_texts() {
        Corpus corpus = IntStream.range(0, 200)
                .mapToObj(seed -> Corpus.texts(Map.of("a", "ab".repeat(20), "b", "", "c", "ab".repeat(20)))
                        .split(0.7, seed))
                .filter(split ->
                        !split.validation().isEmpty() && split.validation().bytes() == 0)
                .findFirst()
                .orElseThrow();
        Tokenizer tokenizer = CharacterTokenizer.of(corpus.training());
        TrainerBuilder builder = Trainer.builder()
                .model(TinyRuns.model(tokenizer.vocabularySize(), 16))
                .tokenizer(tokenizer)
                .corpus(corpus)
                .steps(1);
        assertThat(builder.build().run().evaluation()).isNull();
        assertThatThrownBy(() -> builder.validateEvery(1).build()).hasMessageContaining("nothing to validate on");
    }

    @Test
    void held_out_tokens_that_cannot_be_predicted_are_refused_before_the_first_step() {
        TokenStream one = TokenStream.of(TinyRuns.VOCABULARY, OptionalInt.of(0), 0);
        TokenStream large = TokenStream.of(300, OptionalInt.empty(), 3, new int[] {1, 299, 2});
        TrainerBuilder builder = Trainer.builder().model(TinyRuns.model()).steps(1);
        TinyRuns.Losses heard = new TinyRuns.Losses();
        assertThatThrownBy(() -> builder.tokens(TinyRuns.tokens(6, 40, 3), one)
                        .listener(heard)
                        .build()
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing to predict in held-out texts of 1 tokens");
        assertThat(heard.losses).isEmpty();
        assertThatThrownBy(() -> TinyRuns.run(TinyRuns.model())
                        .tokens(TinyRuns.tokens(6, 40, 3), large)
                        .steps(1)
                        .build())
                .hasMessageContaining("the tokens for validation come from a vocabulary of 300");
    }

    @Test
    void a_budget_and_an_interval_may_be_longer_than_the_clock_counts() {
        Duration forever = ChronoUnit.FOREVER.getDuration();
        TrainingResult result = TinyRuns.run(TinyRuns.model())
                .steps(2)
                .budget(forever)
                .validateEvery(forever)
                .build()
                .run();
        assertThat(result.reason()).isEqualTo(TrainingEvent.FinishReason.STEPS_DONE);
    }
}
