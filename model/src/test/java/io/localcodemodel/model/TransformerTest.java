package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Sequences;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TransformerTest {
    private static final TransformerConfig CONFIG = TransformerConfig.llama()
            .vocabularySize(20)
            .contextLength(8)
            .layers(2)
            .width(16)
            .heads(2)
            .build();

    private final Transformer model = Transformer.initialise(CONFIG, 1);
    private final Compute compute = Compute.reference();

    private Var hidden(Pass pass, TokenBatch batch, KvCache... caches) {
        return model.hidden(pass, batch, caches);
    }

    @Test
    void the_same_seed_gives_the_same_model_and_another_another() {
        float[] weights = model.parameters().getFirst().variable().value().toArray();
        assertThat(Transformer.initialise(CONFIG, 1)
                        .parameters()
                        .getFirst()
                        .variable()
                        .value()
                        .toArray())
                .isEqualTo(weights);
        assertThat(Transformer.initialise(CONFIG, 2)
                        .parameters()
                        .getFirst()
                        .variable()
                        .value()
                        .toArray())
                .isNotEqualTo(weights);
    }

    @Test
    void an_untrained_model_is_about_as_wrong_as_guessing() {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            Var loss = model.loss(pass, TokenBatch.single(new int[] {1, 2, 3, 4}, 0), new int[] {2, 3, 4, 5});
            assertThat((double) loss.value().scalar()).isCloseTo(Math.log(20), within(1.5));
        }
    }

    @Test
    void parameters_are_counted_by_the_config() {
        long sum = model.parameters().stream().mapToLong(p -> p.shape().size()).sum();
        assertThat(model.parameterCount()).isEqualTo(sum);
    }

    @Test
    void sequences_of_a_batch_do_not_see_each_other() {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            int[] ids = {1, 2, 3, 4, 5};
            TokenBatch packed = new TokenBatch(ids, new int[] {0, 1, 0, 1, 2}, new Sequences(new int[] {0, 2, 5}));
            float[] together = hidden(pass, packed).value().toArray();
            float[] first =
                    hidden(pass, TokenBatch.single(new int[] {1, 2}, 0)).value().toArray();
            float[] second = hidden(pass, TokenBatch.single(new int[] {3, 4, 5}, 0))
                    .value()
                    .toArray();
            assertThat(Arrays.copyOf(together, first.length)).isEqualTo(first);
            assertThat(Arrays.copyOfRange(together, first.length, together.length))
                    .isEqualTo(second);
        }
    }

    @Test
    void sessions_are_decoded_together_as_they_are_alone() {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            KvCache a = model.newCache(1);
            KvCache b = model.newCache(8);
            hidden(pass, TokenBatch.single(new int[] {1, 2, 3}, 0), a);
            hidden(pass, TokenBatch.single(new int[] {7}, 0), b);
            TokenBatch step = new TokenBatch(new int[] {4, 8}, new int[] {3, 1}, Sequences.equal(2, 1));
            float[] both = hidden(pass, step, a, b).value().toArray();
            float[] whole = hidden(pass, TokenBatch.single(new int[] {1, 2, 3, 4}, 0))
                    .value()
                    .toArray();
            float[] other =
                    hidden(pass, TokenBatch.single(new int[] {7, 8}, 0)).value().toArray();
            assertThat(Arrays.copyOf(both, 16)).isEqualTo(Arrays.copyOfRange(whole, 48, 64));
            assertThat(Arrays.copyOfRange(both, 16, 32)).isEqualTo(Arrays.copyOfRange(other, 16, 32));
            assertThat(a.length()).isEqualTo(4);
            assertThat(b.length()).isEqualTo(2);
        }
    }

    @Test
    void a_truncated_cache_continues_from_where_it_was_cut() {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            KvCache cache = model.newCache(2);
            hidden(pass, TokenBatch.single(new int[] {1, 2, 3, 4}, 0), cache);
            cache.truncate(2);
            float[] continued = hidden(pass, TokenBatch.single(new int[] {9}, 2), cache)
                    .value()
                    .toArray();
            float[] fresh = hidden(pass, TokenBatch.single(new int[] {1, 2, 9}, 0))
                    .value()
                    .toArray();
            assertThat(continued).isEqualTo(Arrays.copyOfRange(fresh, 32, 48));
        }
    }

    @Test
    void inference_gives_its_buffers_back_block_by_block() {
        TransformerConfig deep = TransformerConfig.llama()
                .vocabularySize(20)
                .contextLength(8)
                .layers(12)
                .width(16)
                .heads(2)
                .build();
        assertThat(peak(Transformer.initialise(deep, 1))).isEqualTo(peak(model));
    }

    private long peak(Transformer transformer) {
        Arena arena = new Arena();
        try (Pass pass = Pass.inference(compute, arena)) {
            transformer.hidden(pass, TokenBatch.single(new int[] {1, 2, 3, 4, 5, 6}, 0));
        }
        assertThat(arena.usedBytes()).isZero();
        return arena.peakBytes();
    }

    @Test
    void dropout_acts_only_while_training_and_repeats_with_its_seed() {
        Transformer dropping = Transformer.initialise(
                TransformerConfig.gpt2()
                        .vocabularySize(20)
                        .contextLength(8)
                        .layers(2)
                        .width(16)
                        .heads(2)
                        .dropout(DropoutRates.of(0.5f))
                        .build(),
                1);
        float used = loss(dropping, Pass.inference(compute, new Arena()));
        assertThat(loss(dropping, Pass.recording(compute, new Arena()))).isEqualTo(used);
        float trained = loss(dropping, Pass.training(compute, new Arena(), 5));
        assertThat(trained).isNotEqualTo(used);
        assertThat(loss(dropping, Pass.training(compute, new Arena(), 5))).isEqualTo(trained);
        assertThat(loss(dropping, Pass.training(compute, new Arena(), 6))).isNotEqualTo(trained);
    }

    private static float loss(Transformer transformer, Pass pass) {
        try (pass) {
            return transformer
                    .loss(pass, TokenBatch.single(new int[] {1, 2, 3, 4}, 0), new int[] {2, 3, 4, 5})
                    .value()
                    .scalar();
        }
    }

    @Test
    void refuses_ids_outside_the_vocabulary() {
        refuses(TokenBatch.single(new int[] {1, 20}, 0), "token 1 of the batch has id 20");
        refuses(TokenBatch.single(new int[] {-1}, 0), "has id -1");
    }

    @Test
    void refuses_a_sequence_longer_than_the_context() {
        refuses(TokenBatch.single(new int[9], 0), "stands at position 8, the model's context has 8 tokens");
        KvCache cache = model.newCache(8);
        try (Pass pass = Pass.inference(compute, new Arena())) {
            hidden(pass, TokenBatch.single(new int[6], 0), cache);
        }
        refuses(TokenBatch.single(new int[3], 6), "6 cached tokens and 3 new ones are more", cache);
        assertThat(cache.length()).isEqualTo(6);
    }

    @Test
    void refuses_caches_that_do_not_fit_the_batch() {
        KvCache cache = model.newCache(8);
        refuses(TokenBatch.single(new int[2], 1), "its cache of 0 tokens says 0", cache);
        refuses(TokenBatch.windows(new int[2][3]), "expected a cache for each of the 2 sequences", cache);
        refuses(TokenBatch.windows(new int[2][3]), "have the same cache", cache, cache);
        Transformer other = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(20)
                        .contextLength(8)
                        .layers(3)
                        .width(16)
                        .heads(2)
                        .build(),
                1);
        refuses(TokenBatch.single(new int[2], 0), "made by a model of another shape", other.newCache(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.newCache(9))
                .withMessageContaining("between 0 and 8 tokens");
    }

    private void refuses(TokenBatch batch, String message, KvCache... caches) {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> hidden(pass, batch, caches))
                    .withMessageContaining(message);
        }
    }
}
