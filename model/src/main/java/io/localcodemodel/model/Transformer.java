package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.CrossEntropy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A transformer (Vaswani et al. 2017): from tokens to the likelihood of each next token.
///
/// One forward serves training, evaluation, prompts and decoding: what differs is the [Pass] and whether a cache is
/// given. A model may be used by several threads at once as long as nobody changes its parameters.
///
/// ```java
/// try (Compute compute = Compute.create();
///         Pass pass = Pass.inference(compute, new Arena())) {
///     Var hidden = model.hidden(pass, TokenBatch.single(ids, 0));
///     float[] next = model.logits(pass, hidden, new int[] {ids.length - 1}).value().toArray();
/// }
/// ```
public sealed interface Transformer permits DecoderTransformer {
    /// A model with random weights.
    ///
    /// @param seed where they come from: the same seed and config give the same model
    static Transformer initialise(TransformerConfig config, long seed) {
        return new DecoderTransformer(config, ParamScope.initialising(seed));
    }

    /// The model in a folder that holds `config.json` and `model.safetensors` (or the index of several such files), as
    /// [#save] and the Hugging Face ecosystem write it; or the model in a GGUF file of the architecture llama, or in a
    /// `.bin` file of llama2.c. Everything becomes trainable 32-bit floats; [GgufModel] leaves quantised weights in their
    /// file.
    ///
    /// @throws ModelFormatException if something is missing, malformed, or does not fit; the message says what and where
    static Transformer load(Path path) throws IOException {
        return ModelFile.handles(path) ? ModelFile.load(path) : ModelFolder.load(path);
    }

    /// Writes `config.json` and `model.safetensors` into a folder, which is made if need be. The layout is that of the
    /// Hugging Face class that computes the same, where there is one.
    ///
    /// Other files in the folder stay. An interruption at any moment leaves the previous model or the new one, whole.
    void save(Path folder) throws IOException;

    /// What the model computes.
    TransformerConfig config();

    /// All trainable tensors, in a fixed order.
    List<Parameter> parameters();

    /// The number of trainable numbers.
    long parameterCount();

    /// The vectors of a batch after the last norm: `[tokens, width]`.
    ///
    /// @param caches none, or one for each sequence; then the batch continues the sequences in them, each of its
    ///     positions counting on from its cache's length, and its tokens are added to the caches
    /// @throws IllegalArgumentException if an id is not in the vocabulary, a sequence is longer than the context, or
    ///     positions and caches do not fit
    Var hidden(Pass pass, TokenBatch batch, KvCache... caches);

    /// For each row of `hidden` the unnormalised logarithm of each token's probability to come next:
    /// `[rows, vocabularySize]`.
    Var logits(Pass pass, Var hidden);

    /// The same for some rows only.
    Var logits(Pass pass, Var hidden, int[] rows);

    /// The mean cross-entropy of a batch in nats.
    ///
    /// @param targets for each token the one that follows it, or
    ///     [CrossEntropy#IGNORE] where none is to be predicted
    default Var loss(Pass pass, TokenBatch batch, int[] targets) {
        return loss(pass, batch, targets, CrossEntropy.Options.PLAIN);
    }

    /// The same with label smoothing or a z-loss.
    Var loss(Pass pass, TokenBatch batch, int[] targets, CrossEntropy.Options options);

    /// An empty cache for one sequence.
    ///
    /// @param capacity how many tokens fit before it grows, at most the context length
    KvCache newCache(int capacity);

    /// The same model, sharing its parameters, whose attention without cache is computed as it is defined: every score,
    /// plus a mask of zeros and negative infinities. Slow; for reading and for checking.
    Transformer withExplicitMask();
}
