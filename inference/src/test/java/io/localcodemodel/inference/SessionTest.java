package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.localcodemodel.tokenizer.EncodeOptions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final GenerationOptions SIX =
            GenerationOptions.builder().maximumTokens(6).ignoringEndOfText().build();

    private final CodeModel code = TinyModels.bytes();
    private final Session session = code.session();

    @AfterEach
    void close() {
        session.close();
        code.close();
    }

    private List<Integer> fresh(int... tokens) {
        return code.session().appendTokens(tokens).complete(SIX).tokens();
    }

    @Test
    void a_second_turn_goes_on_where_the_first_ended() {
        Completion first = session.append("int a = ").complete(SIX);
        assertThat(first.reusedTokens()).isZero();
        int[] between = session.tokens();
        Completion second = session.append("; int b = ").complete(SIX);
        int[] all = Arrays.copyOf(session.tokens(), session.tokens().length - 6);
        assertThat(all).startsWith(between);
        assertThat(code.tokenizer().decode(all)).isEqualTo("int a = " + first.text() + "; int b = ");
        assertThat(second.tokens()).isEqualTo(fresh(all));
        assertThat(second.reusedTokens()).isEqualTo(between.length - 1);
    }

    @Test
    void completing_again_without_new_text_goes_on() {
        Completion twelve = code.session()
                .append("int")
                .complete(GenerationOptions.builder()
                        .maximumTokens(12)
                        .ignoringEndOfText()
                        .build());
        session.append("int");
        assertThat(session.complete(SIX).tokens()).isEqualTo(twelve.tokens().subList(0, 6));
        assertThat(session.complete(SIX).tokens()).isEqualTo(twelve.tokens().subList(6, 12));
    }

    @Test
    void a_replaced_text_reuses_the_common_beginning() {
        session.replace("while (b != 0) {").complete(SIX);
        Completion edited = session.replace("while (b != 0) return").complete(SIX);
        int[] tokens = code.tokenizer().encode("while (b != 0) return");
        int[] before = code.tokenizer().encode("while (b != 0) {");
        assertThat(edited.reusedTokens())
                .isEqualTo(Arrays.mismatch(tokens, before))
                .isGreaterThan(3);
        assertThat(edited.tokens()).isEqualTo(fresh(tokens));
    }

    @Test
    void a_text_that_is_replaced_by_itself_computes_its_last_token_only() {
        Completion first = session.replace("return a").complete(SIX);
        Completion again = session.replace("return a").complete(SIX);
        assertThat(again.tokens()).isEqualTo(first.tokens());
        assertThat(again.reusedTokens()).isEqualTo(again.promptTokens() - 1);
    }

    @Test
    void after_a_stop_string_the_text_ends_before_it() {
        String text = session.append("int a").complete(SIX).text();
        for (int start = 1; start < text.length(); start++) {
            String stop = text.substring(start, Math.min(text.length(), start + 2));
            try (Session stopped = code.session()) {
                Completion completion = stopped.append("int a")
                        .complete(GenerationOptions.builder()
                                .maximumTokens(6)
                                .ignoringEndOfText()
                                .stopStrings(stop)
                                .build());
                assertThat(code.tokenizer().decode(stopped.tokens())).isEqualTo("int a" + completion.text());
                int[] tokens = stopped.tokens();
                assertThat(stopped.complete(SIX).tokens()).isEqualTo(fresh(tokens));
            }
        }
    }

    @Test
    void an_end_token_is_not_part_of_the_text() {
        int end = code.tokenizer().endOfText().orElseThrow();
        GenerationOptions ending =
                GenerationOptions.builder().maximumTokens(6).step(force(end, 4)).build();
        Completion completion = session.appendTokens(5, 6).complete(ending);
        assertThat(completion.finish()).isEqualTo(new FinishReason.EndOfText(end));
        assertThat(completion.tokens()).hasSize(2).doesNotContain(end);
        assertThat(session.tokens()).hasSize(4).doesNotContain(end);
    }

    /// Makes `token` the only choice once the history has `length` tokens.
    static SamplingStep force(int token, int length) {
        return (candidates, history) -> {
            if (history.length() == length) {
                for (int i = 0; i < candidates.size(); i++) {
                    if (candidates.id(i) != token) {
                        candidates.setLogit(i, Float.NEGATIVE_INFINITY);
                    }
                }
            }
        };
    }

    @Test
    void special_tokens_spelled_in_text_are_text() {
        session.append("a<|endoftext|>b");
        assertThat(session.tokens()).doesNotContain(code.tokenizer().endOfText().orElseThrow());
        session.appendTokens(code.tokenizer().encode("<|endoftext|>", EncodeOptions.MARKUP));
        assertThat(session.tokens()).contains(code.tokenizer().endOfText().orElseThrow());
    }

    @Test
    void sessions_of_one_model_do_not_disturb_each_other() {
        try (Session other = code.session();
                Generation one = session.append("int a").stream(SIX);
                Generation two = other.append("return b").stream(SIX)) {
            while (one.hasNext() || two.hasNext()) {
                if (one.hasNext()) {
                    one.next();
                }
                if (two.hasNext()) {
                    two.next();
                }
            }
            assertThat(one.completion().tokens())
                    .isEqualTo(code.complete("int a", SIX).tokens());
            assertThat(two.completion().tokens())
                    .isEqualTo(code.complete("return b", SIX).tokens());
        }
    }

    @Test
    void takes_nothing_while_a_generation_is_open() {
        Generation open = session.append("int").stream(SIX);
        assertThatIllegalStateException().isThrownBy(() -> session.append("x")).withMessageContaining("still open");
        open.close();
        assertThat(session.append("x").complete(SIX).tokens()).hasSize(6);
    }

    @Test
    void a_closed_session_is_refused_and_its_generation_cancelled() {
        Generation open = session.append("int").stream(SIX);
        session.close();
        session.close();
        assertThat(open.hasNext()).isFalse();
        assertThat(open.completion().finish()).isEqualTo(new FinishReason.Cancelled());
        assertThatIllegalStateException()
                .isThrownBy(() -> session.complete(SIX))
                .withMessage("the session is closed: ask the model for a new one");
    }

    @Test
    void refuses_tokens_that_do_not_exist() {
        int size = code.tokenizer().vocabularySize();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.appendTokens(1, size))
                .withMessageContaining("no token has the id " + size);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> session.append("a")
                        .complete(GenerationOptions.builder()
                                .maximumTokens(1)
                                .stopTokens(size)
                                .build()))
                .withMessageContaining("no token has the id " + size);
    }

    @Test
    void an_empty_session_begins_with_the_token_between_documents() {
        int end = code.tokenizer().endOfText().orElseThrow();
        assertThat(session.complete(SIX).tokens()).isEqualTo(fresh(end));
    }

    @Test
    void a_long_conversation_stays_within_the_context() {
        for (int turn = 0; turn < 30; turn++) {
            Completion completion = session.append("int value" + turn + " = ").complete(SIX);
            assertThat(completion.promptTokens() + 5).isLessThanOrEqualTo(TinyModels.CONTEXT);
            assertThat(completion.tokens()).hasSize(6);
            int[] all = session.tokens();
            int[] seen = IntStream.range(all.length - 6 - completion.promptTokens(), all.length - 6)
                    .map(i -> all[i])
                    .toArray();
            assertThat(completion.tokens()).isEqualTo(fresh(seen));
        }
    }

    @Test
    void a_growing_text_keeps_its_left_edge_for_an_eighth_of_the_context() {
        int recomputed = 0;
        StringBuilder text = new StringBuilder(TinyModels.SOURCE);
        for (int i = 0; i < 40; i++) {
            text.append((char) ('a' + i % 26));
            Completion completion = session.replace(text.toString()).complete(SIX);
            assertThat(completion.droppedTokens()).isPositive();
            recomputed += completion.promptTokens() - completion.reusedTokens();
        }
        assertThat(recomputed).isLessThan(40 * 20);
    }
}
