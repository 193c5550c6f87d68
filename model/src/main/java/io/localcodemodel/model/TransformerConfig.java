package io.localcodemodel.model;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import java.util.List;

/// Everything that decides what a decoder computes, except the values of its parameters.
///
/// Made by a builder that starts from a preset:
///
/// ```java
/// TransformerConfig config = TransformerConfig.llama()
///         .vocabularySize(8192).contextLength(256)
///         .layers(6).width(384).heads(6)
///         .build();
/// ```
///
/// @param vocabularySize how many different tokens there are
/// @param contextLength the longest sequence, in tokens
/// @param layers how many blocks
/// @param width the length of a token's vector between blocks
/// @param heads how many query heads
/// @param kvHeads how many key and value heads, a divisor of `heads`
///     (Ainslie et al. 2023, grouped queries; 1 is multi-query)
/// @param headSize the length of a head's vector
/// @param feedForwardWidth the length of the vector inside the feed-forward part
/// @param position how positions enter
/// @param norm the kind of all norms
/// @param blockLayout where a block normalises and adds
/// @param queryKeyNorm whether queries and keys are normalised
/// @param activation the non-linearity of the feed-forward part
/// @param gated whether the feed-forward part multiplies its activation by a second projection
///     (Shazeer 2020: SwiGLU with SiLU, GeGLU with GELU)
/// @param biases where biases are added
/// @param tiedOutput whether the output projection is the embedding table itself (Press and Wolf 2017)
/// @param mask which earlier tokens a token sees
/// @param embeddingScale what embeddings are multiplied with: 1, or the root of the width in Gemma
/// @param dropout how much is dropped while training
/// @param initialDeviation the standard deviation of initial weights
public record TransformerConfig(
        int vocabularySize,
        int contextLength,
        int layers,
        int width,
        int heads,
        int kvHeads,
        int headSize,
        int feedForwardWidth,
        Position position,
        NormKind norm,
        BlockLayout blockLayout,
        QueryKeyNorm queryKeyNorm,
        Activation activation,
        boolean gated,
        Biases biases,
        boolean tiedOutput,
        Mask mask,
        float embeddingScale,
        DropoutRates dropout,
        float initialDeviation) {
    /// Checks that the parts fit each other.
    ///
    /// @throws IllegalArgumentException naming all conflicts with their arithmetic
    public TransformerConfig {
        List<String> problems = new ConfigRules(vocabularySize, contextLength, layers, width, heads, kvHeads, headSize)
                .feedForward(feedForwardWidth)
                .position(position)
                .norms(norm, biases, queryKeyNorm)
                .mask(mask)
                .numbers(embeddingScale, dropout, initialDeviation)
                .problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("transformer config: " + ModelFormatException.join(problems));
        }
    }

    /// A decoder in the style of GPT-2: learned positions, layer norm, plain feed-forward with GELU, biases.
    public static TransformerConfigBuilder gpt2() {
        return TransformerConfigBuilder.gpt2();
    }

    /// A decoder in the style of LLaMA: rotary positions, RMS norm, SwiGLU, no biases.
    public static TransformerConfigBuilder llama() {
        return TransformerConfigBuilder.llama();
    }

    /// The rows of the fused projection to queries, keys and values: `(heads + 2·kvHeads)·headSize`.
    public int queryKeyValueWidth() {
        return (heads + 2 * kvHeads) * headSize;
    }

    /// The initial standard deviation of the projections that write into the residual stream: `1/√(2·layers)` of
    /// [#initialDeviation()], since that many of them add up (Radford et al. 2019, section 2.3).
    public float residualDeviation() {
        return (float) (initialDeviation / Math.sqrt(2.0 * layers));
    }

    /// The number of trainable numbers of a model with this config, without building it; `Long.MAX_VALUE` where it is
    /// more than that.
    public long parameterCount() {
        long table = (long) vocabularySize * width;
        long rest = table * (tiedOutput ? 1 : 2)
                + (position instanceof Position.Learned(int offset) ? (long) (contextLength + offset) * width : 0)
                + normSize()
                + (biases.output() ? vocabularySize : 0);
        long block = blockParameterCount();
        return block > (Long.MAX_VALUE - rest) / layers ? Long.MAX_VALUE : layers * block + rest;
    }

    private long blockParameterCount() {
        return (long) queryKeyValueWidth() * width
                + (biases.queryKeyValue() ? queryKeyValueWidth() : 0)
                + (long) width * heads * headSize
                + (biases.attentionOutput() ? width : 0)
                + (long) feedForwardWidth * width * (gated ? 3 : 2)
                + (biases.feedForward() ? (long) feedForwardWidth * (gated ? 2 : 1) + width : 0)
                + normSize() * (blockLayout == BlockLayout.PARALLEL_SHARED_NORM ? 1 : 2)
                + queryKeyNormSize();
    }

    private long normSize() {
        return norm instanceof NormKind.Layer && biases.norm() ? 2L * width : width;
    }

    private long queryKeyNormSize() {
        return switch (queryKeyNorm) {
            case NONE -> 0;
            case PER_HEAD -> 2L * headSize;
            case WHOLE -> (long) (heads + kvHeads) * headSize;
        };
    }
}
