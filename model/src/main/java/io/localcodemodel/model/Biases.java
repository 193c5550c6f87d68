package io.localcodemodel.model;

/// Which affine maps add a trained vector.
///
/// @param queryKeyValue the projection to queries, keys and values
/// @param attentionOutput the projection behind attention
/// @param feedForward both maps of the feed-forward part
/// @param norm the norms (layer norms only)
/// @param output the projection to the vocabulary
public record Biases(
        boolean queryKeyValue, boolean attentionOutput, boolean feedForward, boolean norm, boolean output) {
    /// No biases: LLaMA. They cost time and buy no quality at any size that was compared (Chowdhery et al. 2022,
    /// section 2).
    public static final Biases NONE = new Biases(false, false, false, false, false);

    /// Biases everywhere but at the output: GPT-2.
    public static final Biases ALL_BUT_OUTPUT = new Biases(true, true, true, true, false);
}
