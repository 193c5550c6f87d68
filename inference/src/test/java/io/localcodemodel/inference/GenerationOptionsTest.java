package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GenerationOptionsTest {
    @Test
    void a_stop_string_that_is_null_is_named_with_the_other_problems() {
        String nothing = null;
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> GenerationOptions.builder().stopStrings(nothing).build())
                .withMessageContaining("stopStrings: null is no text")
                .withMessageContaining("maximumTokens is missing");
    }

    @Test
    void greedy_takes_the_most_likely_token_and_stops_at_the_maximum() {
        GenerationOptions options = GenerationOptions.greedy(12);
        assertThat(options.maximumTokens()).isEqualTo(12);
        assertThat(options.sampling().greedy()).isTrue();
        assertThat(options.contextPolicy()).isEqualTo(GenerationOptions.DEFAULT_CONTEXT_POLICY);
        assertThat(options.stopsAtEndOfText()).isTrue();
        assertThat(options.deadline()).isEmpty();
    }

    @Test
    void equal_settings_are_equal_values() {
        assertThat(GenerationOptions.builder().maximumTokens(3).stopStrings("a").build())
                .isEqualTo(GenerationOptions.builder()
                        .stopStrings("a")
                        .maximumTokens(3)
                        .build());
    }

    @Test
    void names_a_missing_maximum() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GenerationOptions.builder().build())
                .withMessage("generation options refused: maximumTokens is missing");
    }

    @Test
    void names_all_problems_together() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GenerationOptions.builder()
                        .topK(1)
                        .topK(2)
                        .temperature(-1)
                        .stopStrings("x", "")
                        .deadline(Duration.ZERO)
                        .build())
                .withMessage("generation options refused: topK is set twice;"
                        + " temperature: expected 0, which takes the most likely token, or at least 1.0E-6, found -1.0;"
                        + " stopStrings: an empty string would stop every completion at once;"
                        + " deadline: expected a time greater than 0, found PT0S;"
                        + " maximumTokens is missing");
    }

    @Test
    void a_missing_maximum_may_be_given_after_the_refusal() {
        GenerationOptions.Builder builder = GenerationOptions.builder();
        assertThatIllegalArgumentException().isThrownBy(builder::build);
        assertThat(builder.maximumTokens(3).build()).isEqualTo(GenerationOptions.greedy(3));
    }

    @Test
    void a_builder_of_options_begins_with_all_of_them() {
        GenerationOptions options = GenerationOptions.builder()
                .maximumTokens(7)
                .temperature(0.3f)
                .topK(5)
                .topP(0.9f)
                .minP(0.1f)
                .typicalP(0.8f)
                .repetitionPenalty(1.1f)
                .frequencyPenalty(0.2f)
                .presencePenalty(0.3f)
                .penaltyWindow(20)
                .logitBias(Map.of(3, 1f))
                .step((candidates, history) -> {})
                .seed(9)
                .stopStrings("x")
                .stopTokens(4)
                .ignoringEndOfText()
                .deadline(Duration.ofSeconds(1))
                .contextPolicy(ContextPolicy.SLIDE)
                .logProbabilities()
                .tokenHealing()
                .build();
        assertThat(options.toBuilder().build()).isEqualTo(options);
        GenerationOptions changed =
                options.toBuilder().maximumTokens(8).stopStrings("y").build();
        assertThat(changed.maximumTokens()).isEqualTo(8);
        assertThat(changed.stopStrings()).containsExactly("y");
        assertThat(changed.sampling()).isEqualTo(options.sampling());
    }

    @Test
    void refuses_a_temperature_that_would_overflow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GenerationOptions.builder()
                        .maximumTokens(1)
                        .temperature(1e-39f)
                        .build())
                .withMessageContaining("at least 1.0E-6");
    }

    @Test
    void names_settings_that_contradict_each_other() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GenerationOptions.builder()
                        .maximumTokens(1)
                        .topP(0.9f)
                        .penaltyWindow(5)
                        .build())
                .withMessageContaining("topP has no effect at temperature 0")
                .withMessageContaining("penaltyWindow has no effect without a penalty");
    }

    @Test
    void refuses_a_bias_that_is_no_number() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GenerationOptions.builder()
                        .maximumTokens(1)
                        .logitBias(Map.of(3, Float.NaN))
                        .build())
                .withMessageContaining("found NaN for token 3");
    }
}
