package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import org.junit.jupiter.api.Test;

class TransformerConfigTest {
    private static TransformerConfigBuilder sized(TransformerConfigBuilder builder) {
        return builder.vocabularySize(50).contextLength(16).layers(2).width(24).heads(4);
    }

    @Test
    void presets_fill_in_what_is_not_given() {
        TransformerConfig llama = sized(TransformerConfig.llama()).build();
        assertThat(llama.kvHeads()).isEqualTo(4);
        assertThat(llama.headSize()).isEqualTo(6);
        assertThat(llama.feedForwardWidth()).isEqualTo(64);
        assertThat(llama.position()).isEqualTo(Position.Rotary.of(10_000).withDimensions(6));
        assertThat(llama.activation()).isEqualTo(Activation.SILU);
        assertThat(llama.initialDeviation()).isEqualTo((float) (1 / Math.sqrt(24)));
        TransformerConfig gpt2 = sized(TransformerConfig.gpt2()).build();
        assertThat(gpt2.feedForwardWidth()).isEqualTo(96);
        assertThat(gpt2.biases()).isEqualTo(Biases.ALL_BUT_OUTPUT);
    }

    @Test
    void the_default_gated_width_costs_what_the_plain_one_does() {
        assertThat(TransformerConfigBuilder.defaultFeedForwardWidth(128, true)).isEqualTo(352);
        assertThat(TransformerConfigBuilder.defaultFeedForwardWidth(384, true)).isEqualTo(1024);
        assertThat(TransformerConfigBuilder.defaultFeedForwardWidth(768, true)).isEqualTo(2048);
        assertThat(TransformerConfigBuilder.defaultFeedForwardWidth(768, false)).isEqualTo(3072);
    }

    @Test
    void a_builder_names_everything_that_is_missing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransformerConfig.llama().build())
                .withMessageContaining("vocabularySize is missing")
                .withMessageContaining("contextLength is missing")
                .withMessageContaining("layers is missing")
                .withMessageContaining("width is missing")
                .withMessageContaining("heads is missing");
    }

    @Test
    void a_builder_refuses_a_choice_made_twice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sized(TransformerConfig.llama()).width(32).build())
                .withMessageContaining("width was set twice: 24, then 32");
    }

    @Test
    void a_builder_shows_the_arithmetic_of_every_conflict_at_once() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransformerConfig.llama()
                        .vocabularySize(0)
                        .contextLength(16)
                        .layers(2)
                        .width(100)
                        .heads(8)
                        .kvHeads(3)
                        .dropout(DropoutRates.of(1))
                        .build())
                .withMessageContaining("5 problems")
                .withMessageContaining("width must be divisible by heads: 100 % 8 = 4")
                .withMessageContaining("heads must be divisible by kvHeads: 8 % 3 = 2")
                .withMessageContaining("vocabularySize must be at least 1, was 0")
                .withMessageContaining("dropout: embedding must be at least 0 and below 1, was 1.0");
    }

    @Test
    void rotation_needs_an_even_part_of_a_head() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransformerConfig.llama()
                        .vocabularySize(50)
                        .contextLength(16)
                        .layers(2)
                        .width(20)
                        .heads(4)
                        .build())
                .withMessageContaining("rotary dimensions must be even, at least 2 and at most the head size 5, was 5");
    }

    @Test
    void a_decoder_refuses_to_see_later_tokens() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sized(TransformerConfig.llama())
                        .mask(new Mask.Bidirectional())
                        .build())
                .withMessageContaining("a decoder must not see later tokens");
    }

    @Test
    void tensors_that_no_array_can_hold_are_refused_before_they_are_made() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransformerConfig.llama()
                        .vocabularySize(1_000_000)
                        .contextLength(16)
                        .layers(Integer.MAX_VALUE)
                        .width(4096)
                        .heads(4)
                        .build())
                .withMessageContaining("1000000 × 4096 = 4096000000");
    }

    @Test
    void the_number_of_parameters_of_any_depth_is_known_without_building_it() {
        TransformerConfig deep = TransformerConfig.llama()
                .vocabularySize(10)
                .contextLength(16)
                .layers(Integer.MAX_VALUE)
                .width(16384)
                .heads(4)
                .build();
        assertThat(deep.parameterCount()).isGreaterThan(1L << 60);
    }
}
