package io.localcodemodel.inference;

import java.util.List;

/// What a model wrote after a prompt.
///
/// @param text the new text, without the prompt, a stop string or an end token
/// @param tokens the ids that were generated, up to the one that completed a stop string; an end token is not among them
/// @param finish why it ended
/// @param promptTokens how many tokens the prompt had in the model's context, after any were dropped
/// @param reusedTokens how many of those did not have to be computed again
/// @param droppedTokens how many tokens [ContextPolicy] dropped, from the prompt or while sliding
/// @param logProbabilities the natural logarithm of the model's probability of each token, before any
///     [SamplingStep]; empty unless [GenerationOptions#logProbabilities()]
/// @param timing how long it took
public record Completion(
        String text,
        List<Integer> tokens,
        FinishReason finish,
        int promptTokens,
        int reusedTokens,
        int droppedTokens,
        List<Float> logProbabilities,
        Timing timing) {
    public Completion {
        tokens = List.copyOf(tokens);
        logProbabilities = List.copyOf(logProbabilities);
    }

    /// New tokens per second of decoding: the first is chosen at the end of the prefill and does not count. 0 where there
    /// were fewer than two.
    public double tokensPerSecond() {
        long nanos = timing.decode().toNanos();
        return tokens.size() < 2 || nanos == 0 ? 0 : (tokens.size() - 1) * 1e9 / nanos;
    }
}
