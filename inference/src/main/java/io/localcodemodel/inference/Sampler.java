package io.localcodemodel.inference;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Chooses one token after the other from logits, as [Sampling] says. One sampler serves a session's generations, one
/// after the other: what it holds is as large as the vocabulary.
final class Sampler {
    private final Kernels kernels;
    private final float[] logits;
    private final TokenHistory history;
    /// Made when the first choice is not simply the most likely token.
    private @Nullable Candidates candidates;

    private List<SamplingStep> chain = List.of();
    private boolean greedy = true;
    private long seed;
    private long drawn;

    Sampler(Kernels kernels, int vocabularySize) {
        this.kernels = kernels;
        this.logits = new float[vocabularySize];
        this.history = new TokenHistory(vocabularySize, 1);
    }

    /// Starts over, without a token before the next one.
    void begin(Sampling sampling) {
        chain = sampling.chain();
        greedy = sampling.greedy();
        seed = sampling.seed();
        drawn = 0;
        history.clear(sampling.penaltyWindow());
    }

    /// One per token of the vocabulary, to be written before [#next].
    float[] logits() {
        return logits;
    }

    /// The tokens before the next one.
    TokenHistory history() {
        return history;
    }

    /// The next token; the logits stay as they are.
    ///
    /// @throws IllegalStateException if no candidate is possible, or logits are not finite numbers
    int next() {
        if (greedy && chain.isEmpty()) {
            return mostLikely(Candidates.possible(kernels.maximum(logits, 0, logits.length), logits.length));
        }
        if (candidates == null) {
            candidates = new Candidates(kernels, logits.length);
        }
        candidates.reset(logits);
        for (int i = 0; i < chain.size(); i++) {
            chain.get(i).apply(candidates, history);
        }
        return greedy ? candidates.mostLikely() : candidates.draw(Randomness.uniform(seed, drawn++));
    }

    private int mostLikely(float largest) {
        int id = 0;
        while (logits[id] != largest) {
            id++;
        }
        return id;
    }
}
