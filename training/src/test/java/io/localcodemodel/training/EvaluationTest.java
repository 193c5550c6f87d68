package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    /// `-ln softmax(logits)[target]` of every token after the first, one window at a time, in double precision.
    private static double nats(Transformer model, TokenStream stream, int window) {
        double nats = 0;
        long predicted = stream.size() - 1;
        for (long from = 0; from < predicted; from += window) {
            int count = (int) Math.min(window, predicted - from);
            int[] ids = new int[count];
            int[] targets = new int[count];
            stream.copy(from, ids, 0, count);
            stream.copy(from + 1, targets, 0, count);
            try (Pass pass = Pass.inference(Compute.reference(), new Arena())) {
                Tensor logits = model.logits(pass, model.hidden(pass, TokenBatch.single(ids, 0)))
                        .value();
                int vocabulary = logits.shape().columns();
                for (int i = 0; i < count; i++) {
                    double sum = 0;
                    for (int v = 0; v < vocabulary; v++) {
                        sum += Math.exp(logits.array()[logits.offset() + i * vocabulary + v]);
                    }
                    nats += Math.log(sum) - logits.array()[logits.offset() + i * vocabulary + targets[i]];
                }
            }
        }
        return nats;
    }

    @Test
    void predicts_every_token_after_the_first_once_in_windows_of_the_context() {
        Transformer model = TinyRuns.model();
        TokenStream stream = TinyRuns.tokens(3, 37, 9);
        try (Compute compute = Compute.create(2)) {
            Evaluation evaluation = Evaluation.of(model, stream, compute);
            assertThat(evaluation.tokens()).isEqualTo(3 * 38);
            assertThat(evaluation.bytes()).isEqualTo(3 * 37);
            double expected = nats(model, stream, TinyRuns.CONTEXT);
            assertThat(evaluation.nats()).isEqualTo(expected, within(1e-3));
            assertThat(evaluation.bitsPerByte()).isEqualTo(expected / 111 / Math.log(2), within(1e-4));
            assertThat(evaluation.perplexity()).isEqualTo(Math.exp(expected / 114), within(1e-2));
            assertThat(Evaluation.of(model, stream, 5, compute, new Arena()).nats())
                    .isEqualTo(nats(model, stream, 5), within(1e-3));
        }
    }

    @Test
    void spans_several_batches() {
        Transformer model = TinyRuns.model();
        TokenStream stream = TinyRuns.tokens(1, 4999, 9);
        assertThat(Evaluation.of(model, stream, Compute.reference()).nats())
                .isEqualTo(nats(model, stream, TinyRuns.CONTEXT), within(2e-2));
    }

    @Test
    void windows_of_a_very_long_context_are_shorter_unless_asked_for() {
        Transformer model = TinyRuns.model(TinyRuns.VOCABULARY, 131_072);
        TokenStream stream = TinyRuns.tokens(1, 3000, 9);
        try (Compute compute = Compute.create(1)) {
            assertThat(Evaluation.of(model, stream, compute))
                    .isEqualTo(Evaluation.of(model, stream, Evaluation.WINDOW, compute, new Arena()))
                    .isNotEqualTo(Evaluation.of(model, stream, 3000, compute, new Arena()));
            Documents documents = Corpus.texts("abcabcabc").all();
            Tokenizer tokenizer = CharacterTokenizer.of("abc");
            assertThat(Evaluation.of(model, tokenizer, documents, 4, compute))
                    .isNotEqualTo(Evaluation.of(model, tokenizer, documents, compute));
        }
    }

    @Test
    void refuses_a_stream_without_a_token_to_predict_and_a_window_beyond_the_context() {
        Transformer model = TinyRuns.model();
        TokenStream nothing = TokenStream.of(TinyRuns.VOCABULARY, OptionalInt.of(0), 0);
        assertThatThrownBy(() -> Evaluation.of(model, nothing, Compute.reference()))
                .hasMessageContaining("nothing to predict in a stream of 1 tokens");
        assertThatThrownBy(() -> Evaluation.of(model, TinyRuns.tokens(1, 9, 1), 17, Compute.reference(), new Arena()))
                .hasMessageContaining("expected 1 to 16 tokens, the model's context, found 17");
    }
}
