package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.KvCache;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Mask;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CachedDecodingTest {
    private static final Tokenizer TOKENIZER = TinyModels.BYTES;

    static Stream<Arguments> configs() {
        Map<String, TransformerConfigBuilder> builders = new LinkedHashMap<>();
        builders.put("llama", small(TransformerConfig.llama()));
        builders.put("grouped heads", small(TransformerConfig.llama()).kvHeads(2));
        builders.put("one key head", small(TransformerConfig.llama()).kvHeads(1));
        builders.put("sliding window", small(TransformerConfig.llama()).mask(new Mask.SlidingWindow(5)));
        builders.put("query norm", small(TransformerConfig.llama()).queryKeyNorm(QueryKeyNorm.PER_HEAD));
        builders.put("no positions", small(TransformerConfig.llama()).position(new Position.None()));
        builders.put("own output", small(TransformerConfig.llama()).tiedOutput(false));
        builders.put("gpt2", small(TransformerConfig.gpt2()));
        builders.put("parallel", small(TransformerConfig.gpt2()).blockLayout(BlockLayout.PARALLEL));
        return builders.entrySet().stream()
                .map(entry -> Arguments.of(
                        entry.getKey(), Transformer.initialise(entry.getValue().build(), 3)));
    }

    private static TransformerConfigBuilder small(TransformerConfigBuilder preset) {
        return TinyModels.small(preset, TOKENIZER);
    }

    private static int[] prompt(int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = (int) (TOKENIZER.vocabularySize() * Randomness.uniform(11, i));
        }
        return ids;
    }

    /// The logits after the last token, from one forward over all tokens.
    private static float[] uncached(Compute compute, Transformer transformer, int[] ids) {
        try (Pass pass = Pass.inference(compute, new Arena())) {
            Var hidden = transformer.hidden(pass, TokenBatch.single(ids, 0));
            return transformer
                    .logits(pass, hidden, new int[] {ids.length - 1})
                    .value()
                    .toArray();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void greedy_tokens_are_those_of_the_uncached_forward(String name, Transformer transformer) {
        try (CodeModel code = TinyModels.reference(transformer, TOKENIZER);
                Compute compute = Compute.reference()) {
            int[] ids = prompt(9);
            List<Integer> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                float[] logits = uncached(compute, transformer, ids);
                int best = 0;
                for (int id = 1; id < logits.length; id++) {
                    best = logits[id] > logits[best] ? id : best;
                }
                expected.add(best);
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = best;
            }
            GenerationOptions options = GenerationOptions.builder()
                    .maximumTokens(20)
                    .ignoringEndOfText()
                    .build();
            Completion completion = code.session().appendTokens(prompt(9)).complete(options);
            assertThat(completion.tokens()).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void logits_are_bit_for_bit_those_of_the_uncached_forward(String name, Transformer transformer) {
        compareLogits(Compute.reference(), transformer, 0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void logits_of_the_fastest_kernels_agree_to_rounding(String name, Transformer transformer) {
        compareLogits(Compute.create(2), transformer, 2e-4f);
    }

    /// Prefill in one piece, in two, then token by token: each time the logits of the last token.
    private static void compareLogits(Compute compute, Transformer transformer, float tolerance) {
        int[] ids = prompt(TinyModels.CONTEXT);
        float[] logits = new float[TOKENIZER.vocabularySize()];
        try (Turns turns = new Turns(transformer, compute)) {
            KvCache cache = transformer.newCache(4);
            int done = 0;
            for (int next : new int[] {7, 30, 31, 32, 33, 50, 51, TinyModels.CONTEXT}) {
                assertThat(turns.run(ids, done, next, cache, logits)).isTrue();
                float[] expected = uncached(compute, transformer, Arrays.copyOf(ids, next));
                assertThat(logits).as("after %s tokens", next).containsExactly(expected, within(tolerance));
                done = next;
            }
        }
    }

    @Test
    void a_prompt_of_several_chunks_gives_what_one_forward_gives() {
        int length = 2 * Generation.PREFILL_CHUNK + 40;
        Transformer transformer = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(TOKENIZER.vocabularySize())
                        .contextLength(length + 8)
                        .layers(1)
                        .width(16)
                        .heads(2)
                        .build(),
                5);
        List<String> progress = new ArrayList<>();
        try (CodeModel code = TinyModels.reference(transformer, TOKENIZER);
                Compute compute = Compute.reference();
                Generation generation = code.session().appendTokens(prompt(length)).stream(GenerationOptions.greedy(1))
                        .onPrefill((computed, total) -> progress.add(computed + "/" + total))) {
            float[] logits = uncached(compute, transformer, prompt(length));
            int best = generation.completion().tokens().getFirst();
            for (float logit : logits) {
                assertThat(logit).isLessThanOrEqualTo(logits[best]);
            }
        }
        assertThat(progress).containsExactly("256/552", "512/552", "552/552");
    }
}
