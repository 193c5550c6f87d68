package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

class SamplingStepTest {
    private static final TokenHistory NOTHING = new TokenHistory(64, Integer.MAX_VALUE);

    /// One case of the published values: a filter, its setting, one row of logits and what is left of it.
    record Golden(String filter, Map<String, Object> attributes, float[] logits, int[] history, float[] output) {
        @Override
        public String toString() {
            return filter + attributes + Arrays.toString(history);
        }
    }

    static List<Golden> goldens() throws IOException {
        Map<String, Object> table;
        try (InputStream in = SamplingStepTest.class.getResourceAsStream("/sampling_filters.json")) {
            table = JSON.std.mapFrom(in);
        }
        float[][] logits = rows(table.get("logits"));
        List<?> histories = (List<?>) table.get("sequence_ids");
        return ((List<?>) table.get("cases"))
                .stream()
                        .flatMap(entry -> IntStream.range(0, logits.length)
                                .mapToObj(row -> golden((Map<?, ?>) entry, logits[row], histories.get(row), row)))
                        .toList();
    }

    private static Golden golden(Map<?, ?> entry, float[] logits, Object history, int row) {
        Map<String, Object> attributes = new TreeMap<>();
        ((Map<?, ?>) entry.get("attrs")).forEach((key, value) -> attributes.put((String) key, value));
        int[] ids = ((List<?>) history)
                .stream().mapToInt(id -> ((Number) id).intValue()).toArray();
        return new Golden((String) entry.get("filter"), attributes, logits, ids, rows(entry.get("output"))[row]);
    }

    private static float[][] rows(Object tensor) {
        List<?> shape = (List<?>) ((Map<?, ?>) tensor).get("shape");
        List<?> data = (List<?>) ((Map<?, ?>) tensor).get("data");
        int width = ((Number) shape.get(1)).intValue();
        float[][] rows = new float[((Number) shape.get(0)).intValue()][width];
        for (int i = 0; i < data.size(); i++) {
            rows[i / width][i % width] =
                    data.get(i) instanceof Number number ? number.floatValue() : Float.NEGATIVE_INFINITY;
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void gives_the_published_values(Golden golden) {
        SamplingStep step = step(golden);
        TokenHistory history = new TokenHistory(golden.logits.length, Integer.MAX_VALUE);
        for (int id : golden.history) {
            history.add(id);
        }
        assertThat(after(step, golden.logits, history)).containsExactly(golden.output, within(1e-6f));
    }

    private static SamplingStep step(Golden golden) {
        float value = ((Number) golden.attributes.values().iterator().next()).floatValue();
        return switch (golden.filter) {
            case "temperature" -> SamplingStep.temperature(value);
            case "top_k" -> SamplingStep.topK((int) value);
            case "top_p" -> SamplingStep.topP(value);
            case "min_p" -> SamplingStep.minP(value);
            case "repetition_penalty" -> SamplingStep.repetitionPenalty(value);
            default -> throw new IllegalArgumentException(golden.filter);
        };
    }

    /// The logits by token id, negative infinity where a step removed the candidate.
    private static float[] after(SamplingStep step, float[] logits, TokenHistory history) {
        Candidates candidates = candidates(logits);
        step.apply(candidates, history);
        float[] left = new float[logits.length];
        Arrays.fill(left, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < candidates.size(); i++) {
            assertThat(left[candidates.id(i)]).isEqualTo(Float.NEGATIVE_INFINITY);
            left[candidates.id(i)] = candidates.logit(i);
        }
        return left;
    }

    private static Candidates candidates(float... logits) {
        Candidates candidates = new Candidates(Kernels.reference(), logits.length);
        candidates.reset(logits);
        return candidates;
    }

    private static int[] kept(SamplingStep step, float... logits) {
        Candidates candidates = candidates(logits);
        step.apply(candidates, NOTHING);
        return IntStream.range(0, candidates.size())
                .map(candidates::id)
                .sorted()
                .toArray();
    }

    private static float[] logits(int count, long seed) {
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = 12 * Randomness.uniform(seed, i) - 6;
        }
        return logits;
    }

    @Test
    void top_k_keeps_what_a_full_sort_keeps() {
        for (int round = 0; round < 50; round++) {
            float[] logits = logits(40, round);
            int k = 1 + round % 41;
            int[] sorted = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
                    .limit(k)
                    .mapToInt(Integer::intValue)
                    .sorted()
                    .toArray();
            assertThat(kept(SamplingStep.topK(k), logits)).as("k=%s", k).containsExactly(sorted);
        }
    }

    @Test
    void top_k_prefers_the_lower_of_equally_likely_tokens() {
        assertThat(kept(SamplingStep.topK(2), 1, 1, 1, 0)).containsExactly(0, 1);
        assertThat(kept(SamplingStep.topK(3), 0, 1, 0, 2, 0)).containsExactly(0, 1, 3);
    }

    @Test
    void top_p_keeps_the_fewest_tokens_that_reach_the_mass() {
        for (int round = 0; round < 50; round++) {
            float[] logits = logits(40, 100 + round);
            float p = (round + 1) / 51f;
            double total = 0;
            for (float logit : logits) {
                total += Math.exp(logit);
            }
            List<Integer> sorted = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
                    .toList();
            double sum = 0;
            int count = 0;
            while (sum < p * total) {
                sum += Math.exp(logits[sorted.get(count++)]);
            }
            assertThat(kept(SamplingStep.topP(p), logits))
                    .as("p=%s", p)
                    .containsExactly(sorted.subList(0, count).stream()
                            .mapToInt(Integer::intValue)
                            .sorted()
                            .toArray());
        }
    }

    @Test
    void top_p_of_one_keeps_every_possible_token() {
        assertThat(kept(SamplingStep.topP(1), 3, -20, 0)).containsExactly(0, 1, 2);
    }

    @Test
    void typical_p_keeps_the_tokens_whose_surprise_is_nearest_to_the_entropy() {
        // probabilities 0.6, 0.3, 0.05, 0.05: entropy 0.967, surprises 0.511, 1.204, 2.996, 2.996
        float[] logits = {(float) Math.log(0.6), (float) Math.log(0.3), (float) Math.log(0.05), (float) Math.log(0.05)};
        assertThat(kept(SamplingStep.typicalP(0.25f), logits)).containsExactly(1);
        assertThat(kept(SamplingStep.typicalP(0.85f), logits)).containsExactly(0, 1);
        assertThat(kept(SamplingStep.typicalP(0.92f), logits)).containsExactly(0, 1, 2);
    }

    @Test
    void steps_work_on_what_the_steps_before_them_left() {
        Candidates candidates = candidates(5, 4, 3, 2, 1);
        SamplingStep.topP(0.99f).apply(candidates, NOTHING);
        SamplingStep.topK(3).apply(candidates, NOTHING);
        SamplingStep.minP(0.2f).apply(candidates, NOTHING);
        assertThat(candidates.size()).isEqualTo(2);
        assertThat(candidates.mostLikely()).isZero();
    }

    @Test
    void count_penalties_grow_with_the_count_within_the_window() {
        TokenHistory history = new TokenHistory(3, 3);
        for (int token : new int[] {0, 1, 1, 2}) {
            history.add(token);
        }
        assertThat(history.count(0)).isZero();
        assertThat(after(SamplingStep.countPenalties(0.5f, 0.25f), new float[] {1, 1, 1}, history))
                .containsExactly(1, -0.25f, 0.25f);
    }

    @Test
    void logit_bias_adds_and_forbids() {
        SamplingStep bias = SamplingStep.logitBias(Map.of(2, 3f, 0, Float.NEGATIVE_INFINITY));
        assertThat(after(bias, new float[] {9, 1, 1}, NOTHING)).containsExactly(Float.NEGATIVE_INFINITY, 1, 4);
    }

    @Test
    void a_draw_follows_the_probabilities() {
        Candidates candidates = candidates((float) Math.log(0.2), (float) Math.log(0.5), (float) Math.log(0.3));
        assertThat(candidates.draw(0)).isEqualTo(0);
        assertThat(candidates.draw(0.19f)).isEqualTo(0);
        assertThat(candidates.draw(0.21f)).isEqualTo(1);
        assertThat(candidates.draw(0.69f)).isEqualTo(1);
        assertThat(candidates.draw(0.71f)).isEqualTo(2);
        assertThat(candidates.draw(Math.nextDown(1f))).isEqualTo(2);
    }

    @Test
    void a_draw_never_takes_a_forbidden_token() {
        Candidates candidates = candidates(Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY);
        assertThat(candidates.draw(0)).isEqualTo(1);
        assertThat(candidates.draw(Math.nextDown(1f))).isEqualTo(1);
    }

    @Test
    void of_equally_likely_tokens_greedy_takes_the_lowest() {
        assertThat(candidates(1, 3, 3, 2).mostLikely()).isEqualTo(1);
    }

    @Test
    void refuses_to_choose_when_every_token_is_forbidden() {
        assertThatIllegalStateException()
                .isThrownBy(() -> candidates(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY)
                        .draw(0))
                .withMessageContaining("no token is left to choose from");
    }

    @Test
    void refuses_logits_that_are_not_numbers() {
        assertThatIllegalStateException()
                .isThrownBy(() -> candidates(0, Float.NaN, 1).mostLikely())
                .withMessageContaining("weights are damaged");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void damaged_weights_are_not_taken_for_an_excess_of_filters(int place) {
        float[] logits = {3, 2, 1, 0};
        logits[place] = Float.NaN;
        for (int k = 1; k <= 4; k++) {
            Sampler sampler = sampler(
                    GenerationOptions.builder().maximumTokens(1).temperature(1).topK(k), logits);
            assertThatIllegalStateException().isThrownBy(sampler::next).withMessageContaining("weights are damaged");
        }
        Sampler greedy = sampler(GenerationOptions.builder().maximumTokens(1), logits);
        assertThatIllegalStateException().isThrownBy(greedy::next).withMessageContaining("weights are damaged");
    }

    private static Sampler sampler(GenerationOptions.Builder options, float[] logits) {
        Sampler sampler = new Sampler(Kernels.reference(), logits.length);
        sampler.begin(options.build().sampling());
        System.arraycopy(logits, 0, sampler.logits(), 0, logits.length);
        return sampler;
    }

    @Test
    void the_most_likely_token_without_a_step_is_that_of_a_step_that_does_nothing() {
        float[] logits = logits(64, 3);
        logits[40] = 50;
        logits[9] = 50;
        SamplingStep nothing = (candidates, history) -> {};
        assertThat(sampler(GenerationOptions.builder().maximumTokens(1), logits).next())
                .isEqualTo(sampler(GenerationOptions.builder().maximumTokens(1).step(nothing), logits)
                        .next())
                .isEqualTo(9);
    }

    @Test
    void a_history_that_starts_over_counts_anew_in_its_own_window() {
        TokenHistory history = new TokenHistory(3, 2);
        for (int token : new int[] {1, 1, 2}) {
            history.add(token);
        }
        assertThat(history.count(1)).isEqualTo(1);
        history.clear(4);
        assertThat(history.length()).isZero();
        assertThat(history.count(1)).isZero();
        for (int token : new int[] {1, 0, 1, 1}) {
            history.add(token);
        }
        assertThat(history.count(1)).isEqualTo(3);
        assertThat(history.count(2)).isZero();
        history.add(2);
        assertThat(history.count(1)).isEqualTo(2);
    }

    @Test
    void refuses_settings_out_of_range() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SamplingStep.topP(1.5f))
                .withMessage("topP: expected a number greater than 0 and at most 1, found 1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SamplingStep.topK(0))
                .withMessage("topK: expected at least 1, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SamplingStep.temperature(0))
                .withMessage("temperature: expected a number greater than 0, found 0.0");
    }

    @Test
    void the_chain_leaves_out_what_changes_nothing() {
        assertThat(GenerationOptions.greedy(1).sampling().chain()).isEmpty();
        assertThat(GenerationOptions.builder()
                        .maximumTokens(1)
                        .temperature(0.5f)
                        .topK(3)
                        .topP(0.5f)
                        .minP(0.1f)
                        .typicalP(0.5f)
                        .repetitionPenalty(1.1f)
                        .presencePenalty(1)
                        .logitBias(Map.of(1, 1f))
                        .build()
                        .sampling()
                        .chain())
                .hasSize(8);
    }

    @Test
    void a_step_of_ones_own_can_forbid_tokens() {
        SamplingStep onlyTwo = (candidates, history) -> {
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.id(i) != 2) {
                    candidates.setLogit(i, Float.NEGATIVE_INFINITY);
                }
            }
        };
        GenerationOptions.Builder options = GenerationOptions.builder()
                .maximumTokens(1)
                .temperature(1)
                .step(onlyTwo)
                .topP(0.9f);
        assertThat(sampler(options, new float[] {5, 4, -3, 2}).next()).isEqualTo(2);
    }

    @Test
    void the_same_seed_draws_the_same_tokens_and_another_seed_others() {
        assertThat(draws(7)).isEqualTo(draws(7)).isNotEqualTo(draws(8));
    }

    private static List<Integer> draws(long seed) {
        GenerationOptions.Builder options =
                GenerationOptions.builder().maximumTokens(1).temperature(1).seed(seed);
        Sampler sampler = sampler(options, logits(64, 1));
        return IntStream.range(0, 30).mapToObj(i -> sampler.next()).toList();
    }
}
