package io.localcodemodel.training;

import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.op.Sequences;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;

/// How well a model predicts texts it has not seen.
///
/// The texts are one stream of tokens with an end-of-text token around each, cut into windows that do not
/// overlap, of the context length or [#WINDOW] tokens; each token after the first is predicted once, from those before it in its window. What the
/// end-of-text tokens cost counts, but they add no bytes. [#bitsPerByte()] compares models with different tokenizers;
/// [#loss()] and [#perplexity()] compare only models with the same one.
///
/// @param nats the sum of `-ln p` over all predicted tokens
/// @param tokens how many tokens were predicted
/// @param bytes the UTF-8 bytes of the texts
public record Evaluation(double nats, long tokens, long bytes) {
    /// Tokens a forward takes at a time: enough for the matrix products, few enough for little memory.
    private static final int BATCH_TOKENS = 2048;

    /// Tokens of a window at the most unless set: more than almost any source file needs to be predicted well, and few
    /// enough for models whose context is 131,072.
    public static final int WINDOW = 2048;

    /// Evaluates on some documents, for example `corpus.validation()` or a [Documents#sample(int)] of them, in windows of
    /// the model's context length or [#WINDOW], whichever is shorter.
    public static Evaluation of(Transformer model, Tokenizer tokenizer, Documents documents, Compute compute) {
        return of(model, tokenizer, documents, Math.min(WINDOW, model.config().contextLength()), compute);
    }

    /// The same in windows of another length.
    ///
    /// @param window the tokens of a window
    public static Evaluation of(
            Transformer model, Tokenizer tokenizer, Documents documents, int window, Compute compute) {
        return of(model, TokenStream.of(documents, tokenizer, compute.workers()), window, compute, new Arena());
    }

    /// Evaluates on tokens, in windows of the model's context length or [#WINDOW], whichever is shorter.
    public static Evaluation of(Transformer model, TokenStream stream, Compute compute) {
        return of(model, stream, Math.min(WINDOW, model.config().contextLength()), compute, new Arena());
    }

    /// Evaluates on tokens.
    ///
    /// @param window the tokens of a window
    /// @param arena where activations lie
    /// @throws IllegalArgumentException if the stream holds no token to predict or the window is no length of context
    public static Evaluation of(Transformer model, TokenStream stream, int window, Compute compute, Arena arena) {
        if (stream.size() < 2) {
            throw new IllegalArgumentException(
                    "there is nothing to predict in a stream of " + stream.size() + " tokens");
        }
        if (window < 1 || window > model.config().contextLength()) {
            throw new IllegalArgumentException("the window: expected 1 to "
                    + model.config().contextLength() + " tokens, the model's context, found " + window);
        }
        int perBatch = Math.max(1, BATCH_TOKENS / window) * window;
        long predicted = stream.size() - 1;
        double nats = 0;
        for (long from = 0; from < predicted; from += perBatch) {
            int count = (int) Math.min(perBatch, predicted - from);
            int[] ids = new int[count];
            int[] targets = new int[count];
            stream.copy(from, ids, 0, count);
            stream.copy(from + 1, targets, 0, count);
            try (Pass pass = Pass.inference(compute, arena)) {
                nats += (double) model.loss(pass, windows(ids, window), targets)
                                .value()
                                .scalar()
                        * count;
            }
        }
        return new Evaluation(nats, predicted, stream.bytes());
    }

    private static TokenBatch windows(int[] ids, int window) {
        int[] positions = new int[ids.length];
        Arrays.setAll(positions, i -> i % window);
        int[] starts = new int[Math.ceilDiv(ids.length, window) + 1];
        Arrays.setAll(starts, i -> Math.min(i * window, ids.length));
        return new TokenBatch(ids, positions, new Sequences(starts));
    }

    /// Bits per UTF-8 byte: `nats / bytes / ln 2`.
    public double bitsPerByte() {
        return nats / bytes / Math.log(2);
    }

    /// The mean cross-entropy of a token, in nats.
    public double loss() {
        return nats / tokens;
    }

    /// `e` to the [#loss()]: among how many equally likely tokens the model is undecided.
    public double perplexity() {
        return Math.exp(loss());
    }
}
