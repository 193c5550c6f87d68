package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GenerationTest {
    private static final String PROMPT = "while (b != 0)";
    private static final int CONTEXT = TinyModels.CONTEXT;

    private final CodeModel code = TinyModels.bytes();

    @AfterEach
    void close() {
        code.close();
    }

    private static GenerationOptions.Builder upTo(int tokens) {
        return GenerationOptions.builder().maximumTokens(tokens).ignoringEndOfText();
    }

    private static List<String> pieces(Generation generation) {
        List<String> pieces = new ArrayList<>();
        generation.forEachRemaining(pieces::add);
        return pieces;
    }

    @Test
    void the_pieces_put_together_are_the_text_of_the_completion() {
        try (Generation generation = code.stream(PROMPT, upTo(40).build())) {
            List<String> pieces = pieces(generation);
            assertThat(pieces).hasSizeGreaterThan(5).doesNotContain("");
            assertThat(String.join("", pieces))
                    .isEqualTo(generation.completion().text())
                    .isEqualTo(code.complete(PROMPT, upTo(40).build()).text());
            assertThat(generation.completion().finish()).isEqualTo(new FinishReason.Length());
        }
    }

    @Test
    void an_exception_of_a_listener_ends_the_completion() {
        try (Session session = code.session().append(PROMPT)) {
            Generation generation = session.stream(upTo(5).build()).onPrefill((computed, total) -> {
                throw new IllegalStateException("mine");
            });
            assertThatIllegalStateException().isThrownBy(generation::hasNext).withMessage("mine");
            assertThat(generation.completion().finish()).isEqualTo(new FinishReason.Cancelled());
            assertThat(session.complete(upTo(5).build()).tokens())
                    .isEqualTo(code.complete(PROMPT, upTo(5).build()).tokens());
        }
    }

    @Test
    void a_deadline_may_be_farther_than_nanoseconds_count() {
        GenerationOptions options =
                upTo(3).deadline(ChronoUnit.FOREVER.getDuration()).build();
        assertThat(code.complete(PROMPT, options).finish()).isEqualTo(new FinishReason.Length());
    }

    @Test
    void a_piece_is_never_half_a_character() {
        int[] calculator = code.tokenizer().encode("🧮最");
        assertThat(calculator).hasSizeGreaterThan(2);
        int prompt = code.tokenizer().encode(PROMPT).length;
        GenerationOptions.Builder options = upTo(calculator.length);
        for (int i = 0; i < calculator.length; i++) {
            options.step(SessionTest.force(calculator[i], prompt + i));
        }
        try (Generation generation = code.stream(PROMPT, options.build())) {
            assertThat(pieces(generation)).containsExactly("🧮", "最");
        }
    }

    @Test
    void bytes_that_never_become_a_character_are_shown_when_the_text_ends() {
        int half = code.tokenizer().encode("🧮")[0];
        int prompt = code.tokenizer().encode(PROMPT).length;
        Completion completion = code.complete(
                PROMPT, upTo(1).step(SessionTest.force(half, prompt)).build());
        assertThat(completion.text()).isEqualTo("\uFFFD");
    }

    @Test
    void no_character_goes_on_across_a_special_token() {
        int half = code.tokenizer().encode("🧮")[0];
        int end = code.tokenizer().endOfText().orElseThrow();
        int letter = code.tokenizer().encode("a")[0];
        GenerationOptions letters = upTo(1).logitBias(Map.of(letter, 1000f)).build();
        assertThat(code.session().appendTokens(half, end).complete(letters).text())
                .isEqualTo("a");
        GenerationOptions written = upTo(3).step(SessionTest.force(half, 1))
                .step(SessionTest.force(end, 2))
                .step(SessionTest.force(letter, 3))
                .build();
        assertThat(code.session().appendTokens(letter).complete(written).text()).isEqualTo("\uFFFDa");
    }

    @Test
    void a_stop_string_ends_the_text_before_it_wherever_tokens_are_cut() {
        String text = code.complete(PROMPT, upTo(30).build()).text();
        for (int start = 0; start + 3 <= text.length(); start++) {
            String stop = text.substring(start, start + 3);
            int first = text.indexOf(stop);
            try (Generation generation = code.stream(
                    PROMPT, upTo(30).stopStrings(stop, "never there").build())) {
                assertThat(String.join("", pieces(generation))).isEqualTo(text.substring(0, first));
                assertThat(generation.completion().finish()).isEqualTo(new FinishReason.StopString(stop));
            }
        }
    }

    @Test
    void text_held_back_for_a_stop_string_is_shown_when_it_does_not_come() {
        String text = code.complete(PROMPT, upTo(10).build()).text();
        String stop = text.substring(text.length() - 2) + "never there";
        assertThat(code.complete(PROMPT, upTo(10).stopStrings(stop).build()).text())
                .isEqualTo(text);
    }

    @Test
    void ends_at_the_end_token_unless_told_to_ignore_it() {
        int end = code.tokenizer().endOfText().orElseThrow();
        int prompt = code.tokenizer().encode(PROMPT).length;
        SamplingStep force = SessionTest.force(end, prompt + 3);
        Completion stopped = code.complete(
                PROMPT,
                GenerationOptions.builder().maximumTokens(10).step(force).build());
        assertThat(stopped.finish()).isEqualTo(new FinishReason.EndOfText(end));
        assertThat(stopped.tokens()).hasSize(3);
        Completion ignoring = code.complete(PROMPT, upTo(10).step(force).build());
        assertThat(ignoring.finish()).isEqualTo(new FinishReason.Length());
        assertThat(ignoring.tokens()).hasSize(10).contains(end);
        assertThat(ignoring.text()).doesNotContain("endoftext");
    }

    @Test
    void ends_at_a_stop_token() {
        List<Integer> tokens = code.complete(PROMPT, upTo(10).build()).tokens();
        int stop = tokens.get(4);
        Completion completion = code.complete(PROMPT, upTo(10).stopTokens(stop).build());
        assertThat(completion.tokens()).isEqualTo(tokens.subList(0, tokens.indexOf(stop)));
        assertThat(completion.finish()).isEqualTo(new FinishReason.EndOfText(stop));
    }

    @Test
    void the_same_seed_gives_the_same_text_and_another_seed_another() {
        String seven =
                code.complete(PROMPT, upTo(30).temperature(1).seed(7).build()).text();
        assertThat(code.complete(PROMPT, upTo(30).temperature(1).seed(7).build())
                        .text())
                .isEqualTo(seven);
        assertThat(code.complete(PROMPT, upTo(30).temperature(1).seed(8).build())
                        .text())
                .isNotEqualTo(seven);
    }

    @Test
    void a_penalty_counts_the_prompt_and_what_was_generated() {
        Completion completion =
                code.complete(PROMPT, upTo(40).presencePenalty(1000).build());
        assertThat(completion.tokens())
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(
                        java.util.Arrays.stream(code.tokenizer().encode(PROMPT))
                                .boxed()
                                .toList());
    }

    @Test
    void log_probabilities_are_those_of_the_model() {
        Completion completion = code.complete(PROMPT, upTo(3).logProbabilities().build());
        int[] prompt = code.tokenizer().encode(PROMPT);
        assertThat(completion.logProbabilities()).hasSize(3);
        try (Compute compute = Compute.reference();
                Pass pass = Pass.inference(compute, new Arena())) {
            float[] logits = code.transformer()
                    .logits(pass, code.transformer().hidden(pass, TokenBatch.single(prompt, 0)), new int[] {
                        prompt.length - 1
                    })
                    .value()
                    .toArray();
            double sum = 0;
            for (float logit : logits) {
                sum += Math.exp(logit);
            }
            assertThat(completion.logProbabilities().getFirst())
                    .isCloseTo((float) (logits[completion.tokens().getFirst()] - Math.log(sum)), within(1e-4f));
        }
    }

    // ---------------------------------------------------------------- the context

    private Completion afterPrompt(int length, GenerationOptions options) {
        return code.session().appendTokens(tokens(length)).complete(options);
    }

    private int[] tokens(int length) {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = 4 + (int) (250 * Randomness.uniform(1, i));
        }
        return tokens;
    }

    @Test
    void a_prompt_as_long_as_the_context_has_room_for_one_token() {
        GenerationOptions options = upTo(10).contextPolicy(ContextPolicy.REFUSE).build();
        Completion completion = afterPrompt(CONTEXT, options);
        assertThat(completion.tokens()).hasSize(1);
        assertThat(completion.finish()).isEqualTo(new FinishReason.ContextFull());
        assertThat(completion.droppedTokens()).isZero();
    }

    @Test
    void refuses_a_prompt_longer_than_the_context_when_told_to() {
        GenerationOptions options = upTo(1).contextPolicy(ContextPolicy.REFUSE).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> afterPrompt(CONTEXT + 1, options))
                .withMessage("the prompt has 65 tokens, the model's context holds 64: shorten it, or choose"
                        + " ContextPolicy.KEEP_LAST");
    }

    @Test
    void keeps_the_end_of_a_long_prompt_and_room_for_the_completion() {
        Completion completion = afterPrompt(200, upTo(10).build());
        assertThat(completion.tokens()).hasSize(10);
        assertThat(completion.finish()).isEqualTo(new FinishReason.Length());
        assertThat(completion.promptTokens() + completion.droppedTokens()).isEqualTo(200);
        assertThat(completion.promptTokens()).isBetween(CONTEXT - 9 - CONTEXT / 8, CONTEXT - 9);
        int[] end = java.util.Arrays.copyOfRange(tokens(200), completion.droppedTokens(), 200);
        assertThat(code.session().appendTokens(end).complete(upTo(10).build()).tokens())
                .isEqualTo(completion.tokens());
    }

    @Test
    void more_new_tokens_than_the_context_holds_fill_it_and_end() {
        Completion completion = afterPrompt(10, upTo(1000).build());
        assertThat(completion.tokens()).hasSize(CONTEXT - 10 + 1);
        assertThat(completion.finish()).isEqualTo(new FinishReason.ContextFull());
    }

    @Test
    void a_sliding_context_goes_on_from_its_newer_half() {
        Completion completion =
                afterPrompt(10, upTo(150).contextPolicy(ContextPolicy.SLIDE).build());
        assertThat(completion.tokens()).hasSize(150);
        assertThat(completion.finish()).isEqualTo(new FinishReason.Length());
        assertThat(completion.droppedTokens()).isEqualTo(3 * (CONTEXT / 2 + 1));
        // The first slide happens with a context of 64 tokens and one more; 32 of them stay.
        List<Integer> kept = completion.tokens().subList(55 - 32, 55);
        assertThat(code.session()
                        .appendTokens(kept.stream().mapToInt(Integer::intValue).toArray())
                        .complete(upTo(30).build())
                        .tokens())
                .isEqualTo(completion.tokens().subList(55, 85));
    }

    // ---------------------------------------------------------------- ending early

    @Test
    void a_deadline_ends_the_completion() {
        Completion completion =
                code.complete(PROMPT, upTo(50).deadline(Duration.ofNanos(1)).build());
        assertThat(completion.finish()).isEqualTo(new FinishReason.Deadline());
        assertThat(completion.tokens()).isEmpty();
    }

    @Test
    void cancelling_from_another_thread_ends_the_completion() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        GenerationOptions endless = upTo(Integer.MAX_VALUE)
                .contextPolicy(ContextPolicy.SLIDE)
                .step((candidates, history) -> running.countDown())
                .build();
        try (ExecutorService threads = Executors.newSingleThreadExecutor();
                Generation generation = code.stream(PROMPT, endless)) {
            Future<Completion> completion = threads.submit(generation::completion);
            running.await();
            generation.cancel();
            assertThat(completion.get().finish()).isEqualTo(new FinishReason.Cancelled());
            assertThat(completion.get().tokens()).isNotEmpty();
        }
    }

    @Test
    void interrupting_the_thread_cancels_and_stays_visible() {
        Thread.currentThread().interrupt();
        Completion completion = code.complete(PROMPT, upTo(5).build());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(completion.finish()).isEqualTo(new FinishReason.Cancelled());
    }

    @Test
    void closing_cancels_and_keeps_what_there_was() {
        Generation generation = code.stream(PROMPT, upTo(40).build());
        String piece = generation.next();
        generation.close();
        generation.close();
        assertThat(generation.completion().finish()).isEqualTo(new FinishReason.Cancelled());
        assertThat(generation.completion().text()).startsWith(piece);
        assertThat(generation.completion().tokens()).hasSizeLessThan(10);
    }

    @Test
    void there_is_no_piece_after_the_end() {
        Generation generation = code.stream(PROMPT, upTo(1).build());
        generation.completion();
        pieces(generation);
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(generation::next);
    }

    @Test
    void a_listener_comes_before_the_first_pull() {
        try (Generation generation = code.stream(PROMPT, upTo(3).build())) {
            generation.next();
            assertThatIllegalStateException().isThrownBy(() -> generation.onPrefill((computed, total) -> {}));
        }
    }

    @Test
    void closing_the_model_cancels_what_runs_and_refuses_what_is_new() {
        Session session = code.session().append("int");
        Generation running = code.stream(PROMPT, upTo(40).build());
        running.next();
        code.close();
        code.close();
        assertThat(running.completion().finish()).isEqualTo(new FinishReason.Cancelled());
        assertThatIllegalStateException()
                .isThrownBy(() -> code.complete(PROMPT, upTo(1).build()))
                .withMessage("the model is closed: load it again");
        assertThatIllegalStateException().isThrownBy(code::session);
        assertThatIllegalStateException().isThrownBy(() -> session.complete(upTo(1).build()));
    }

    @Test
    void a_step_that_fails_leaves_the_session_usable() {
        try (Session session = code.session().append(PROMPT)) {
            GenerationOptions failing = upTo(3).step((candidates, history) -> {
                        throw new IllegalArgumentException("a mistake in the caller's step");
                    })
                    .build();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.complete(failing))
                    .withMessage("a mistake in the caller's step");
            assertThat(session.complete(upTo(5).build()).tokens())
                    .isEqualTo(code.complete(PROMPT, upTo(5).build()).tokens());
        }
    }

    // ---------------------------------------------------------------- many threads

    @Test
    void threads_that_complete_at_once_get_what_each_gets_alone() throws Exception {
        List<String> prompts = List.of("int a", "return b", "while (", "rest = a % b;", "{", PROMPT);
        List<List<Integer>> alone = prompts.stream()
                .map(prompt -> code.complete(prompt, upTo(25).build()).tokens())
                .toList();
        try (CodeModel shared = CodeModel.builder().workers(2).of(code.transformer(), code.tokenizer());
                ExecutorService threads = Executors.newFixedThreadPool(prompts.size())) {
            List<Future<List<Integer>>> together = new ArrayList<>();
            for (String prompt : prompts) {
                together.add(threads.submit(
                        () -> shared.complete(prompt, upTo(25).build()).tokens()));
            }
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(together.get(i).get()).isEqualTo(alone.get(i));
            }
        }
    }
}
