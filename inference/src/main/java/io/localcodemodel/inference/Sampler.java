package io.localcodemodel.inference;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Kernels;
import java.util.List;

/// Chooses one token after the other from logits, as [Sampling] says.
final class Sampler {
    private final Candidates candidates;
    private final List<SamplingStep> chain;
    private final boolean greedy;
    private final long seed;
    private long drawn;

    Sampler(Sampling sampling, Kernels kernels, int vocabularySize) {
        this.candidates = new Candidates(kernels, vocabularySize);
        this.chain = sampling.chain();
        this.greedy = sampling.greedy();
        this.seed = sampling.seed();
    }

    /// The next token.
    ///
    /// @param logits one per token of the vocabulary, from `offset` on
    int next(float[] logits, int offset, TokenHistory history) {
        candidates.reset(logits, offset);
        for (int i = 0; i < chain.size(); i++) {
            chain.get(i).apply(candidates, history);
        }
        return greedy ? candidates.mostLikely() : candidates.draw(Randomness.uniform(seed, drawn++));
    }
}
