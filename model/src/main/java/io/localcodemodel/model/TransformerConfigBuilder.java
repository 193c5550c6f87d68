package io.localcodemodel.model;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Collects the choices of a [TransformerConfig].
///
/// Vocabulary size, context length, layers, width and heads have to be given; everything else has a default, which is a
/// constant here or follows from those. Nothing is repaired: [#build()] refuses a choice made twice, a missing one and
/// every conflict, all named together.
public final class TransformerConfigBuilder {
    /// The output projection is the embedding table: at the sizes a CPU trains, a table of its own would be a large
    /// share of the parameters, and tying improves small models (Press and Wolf 2017).
    public static final boolean TIED_OUTPUT = true;
    /// How much wider a plain feed-forward part is than the model (Vaswani et al. 2017, and GPT-2).
    public static final int FEED_FORWARD_FACTOR = 4;
    /// A gated part has three matrices instead of two, so two thirds of the plain width cost the same (Shazeer 2020),
    /// rounded up to a multiple of this many elements, so that rows fill whole vector registers and cache lines.
    public static final int FEED_FORWARD_MULTIPLE = 32;
    /// A token sees all earlier ones.
    public static final Mask MASK = new Mask.Causal();
    /// Embeddings enter as they are.
    public static final float EMBEDDING_SCALE = 1;

    private final Map<String, Object> defaults;
    private final Map<String, Object> chosen = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private TransformerConfigBuilder(
            Position position, NormKind norm, Activation activation, boolean gated, Biases biases) {
        defaults = Map.ofEntries(
                Map.entry("position", position),
                Map.entry("norm", norm),
                Map.entry("activation", activation),
                Map.entry("gated", gated),
                Map.entry("biases", biases),
                Map.entry("blockLayout", BlockLayout.PRE_NORM),
                Map.entry("queryKeyNorm", QueryKeyNorm.NONE),
                Map.entry("tiedOutput", TIED_OUTPUT),
                Map.entry("mask", MASK),
                Map.entry("embeddingScale", EMBEDDING_SCALE),
                Map.entry("dropout", DropoutRates.NONE));
    }

    static TransformerConfigBuilder gpt2() {
        return new TransformerConfigBuilder(
                Position.Learned.of(), NormKind.layer(), Activation.GELU_TANH, false, Biases.ALL_BUT_OUTPUT);
    }

    static TransformerConfigBuilder llama() {
        return new TransformerConfigBuilder(
                Position.Rotary.of(Position.Rotary.THETA), NormKind.rms(), Activation.SILU, true, Biases.NONE);
    }

    /// The feed-forward width that [#build()] takes when none is given.
    ///
    /// @param gated whether the part has a gate
    public static int defaultFeedForwardWidth(int width, boolean gated) {
        if (!gated) {
            return Math.multiplyExact(FEED_FORWARD_FACTOR, width);
        }
        long twoThirds = Math.ceilDiv(2L * FEED_FORWARD_FACTOR * width, 3);
        return Math.toIntExact(Math.ceilDiv(twoThirds, FEED_FORWARD_MULTIPLE) * FEED_FORWARD_MULTIPLE);
    }

    /// The initial standard deviation that [#build()] takes when none is given: `1/√width`, so that the product of a
    /// row of unit variance with a weight has unit variance. The projections that write into the residual stream get
    /// `1/√(2·layers)` of it, since that many of them add up (Radford et al. 2019, section 2.3).
    public static float defaultInitialDeviation(int width) {
        return (float) (1 / Math.sqrt(width));
    }

    /// How many different tokens there are.
    public TransformerConfigBuilder vocabularySize(int tokens) {
        return set("vocabularySize", tokens);
    }

    /// The longest sequence, in tokens.
    public TransformerConfigBuilder contextLength(int tokens) {
        return set("contextLength", tokens);
    }

    /// How many blocks.
    public TransformerConfigBuilder layers(int count) {
        return set("layers", count);
    }

    /// The length of a token's vector between blocks.
    public TransformerConfigBuilder width(int elements) {
        return set("width", elements);
    }

    /// How many query heads.
    public TransformerConfigBuilder heads(int count) {
        return set("heads", count);
    }

    /// How many key and value heads; as many as query heads when not given.
    public TransformerConfigBuilder kvHeads(int count) {
        return set("kvHeads", count);
    }

    /// The length of a head's vector; `width / heads` when not given.
    public TransformerConfigBuilder headSize(int elements) {
        return set("headSize", elements);
    }

    /// The length inside the feed-forward part; see [#defaultFeedForwardWidth] when not given.
    public TransformerConfigBuilder feedForwardWidth(int elements) {
        return set("feedForwardWidth", elements);
    }

    /// How positions enter.
    public TransformerConfigBuilder position(Position choice) {
        return set("position", choice);
    }

    /// The kind of all norms.
    public TransformerConfigBuilder norm(NormKind choice) {
        return set("norm", choice);
    }

    /// Where a block normalises and adds.
    public TransformerConfigBuilder blockLayout(BlockLayout choice) {
        return set("blockLayout", choice);
    }

    /// Whether queries and keys are normalised.
    public TransformerConfigBuilder queryKeyNorm(QueryKeyNorm choice) {
        return set("queryKeyNorm", choice);
    }

    /// The non-linearity of the feed-forward part.
    public TransformerConfigBuilder activation(Activation choice) {
        return set("activation", choice);
    }

    /// Whether the feed-forward part has a gate.
    public TransformerConfigBuilder gated(boolean choice) {
        return set("gated", choice);
    }

    /// Where biases are added.
    public TransformerConfigBuilder biases(Biases choice) {
        return set("biases", choice);
    }

    /// Whether the output projection is the embedding table.
    public TransformerConfigBuilder tiedOutput(boolean choice) {
        return set("tiedOutput", choice);
    }

    /// Which earlier tokens a token sees.
    public TransformerConfigBuilder mask(Mask choice) {
        return set("mask", choice);
    }

    /// What embeddings are multiplied with.
    public TransformerConfigBuilder embeddingScale(float factor) {
        return set("embeddingScale", factor);
    }

    /// How much is dropped while training.
    public TransformerConfigBuilder dropout(DropoutRates rates) {
        return set("dropout", rates);
    }

    /// The standard deviation of initial weights; see [#defaultInitialDeviation] when not given.
    public TransformerConfigBuilder initialDeviation(float standardDeviation) {
        return set("initialDeviation", standardDeviation);
    }

    private TransformerConfigBuilder set(String name, Object value) {
        Object before = chosen.putIfAbsent(name, value);
        if (before != null) {
            problems.add(name + " was set twice: " + before + ", then " + value);
        }
        return this;
    }

    /// The config.
    ///
    /// @throws IllegalArgumentException naming every choice that is missing, made twice or in conflict with another
    public TransformerConfig build() {
        List<String> all = new ArrayList<>(problems);
        int vocabularySize = required("vocabularySize", all);
        int contextLength = required("contextLength", all);
        int layers = required("layers", all);
        int width = required("width", all);
        int heads = required("heads", all);
        int kvHeads = size("kvHeads", heads);
        int headSize = size("headSize", headSize(width, heads, all));
        boolean gated = value("gated", Boolean.class);
        int feedForwardWidth = size("feedForwardWidth", feedForwardWidth(width, gated));
        Position position = resolve(value("position", Position.class), headSize);
        NormKind norm = value("norm", NormKind.class);
        Biases biases = biases(norm);
        QueryKeyNorm queryKeyNorm = value("queryKeyNorm", QueryKeyNorm.class);
        Mask mask = value("mask", Mask.class);
        float embeddingScale = value("embeddingScale", Float.class);
        DropoutRates dropout = value("dropout", DropoutRates.class);
        float initialDeviation = chosen.get("initialDeviation") instanceof Float given
                ? given
                : defaultInitialDeviation(Math.max(1, width));
        all.addAll(new ConfigRules(vocabularySize, contextLength, layers, width, heads, kvHeads, headSize)
                .feedForward(feedForwardWidth)
                .position(position)
                .norms(norm, biases, queryKeyNorm)
                .mask(mask)
                .numbers(embeddingScale, dropout, initialDeviation)
                .problems());
        if (!all.isEmpty()) {
            throw new IllegalArgumentException("transformer config: " + ModelFormatException.join(all));
        }
        return new TransformerConfig(
                vocabularySize,
                contextLength,
                layers,
                width,
                heads,
                kvHeads,
                headSize,
                feedForwardWidth,
                position,
                norm,
                value("blockLayout", BlockLayout.class),
                queryKeyNorm,
                value("activation", Activation.class),
                gated,
                biases,
                value("tiedOutput", Boolean.class),
                mask,
                embeddingScale,
                dropout,
                initialDeviation);
    }

    private <T> T value(String name, Class<T> type) {
        return type.cast(chosen.getOrDefault(name, Objects.requireNonNull(defaults.get(name), name)));
    }

    private int required(String name, List<String> all) {
        if (chosen.get(name) instanceof Integer given) {
            return given;
        }
        all.add(name + " is missing");
        return ConfigRules.UNKNOWN;
    }

    private int size(String name, int otherwise) {
        return chosen.get(name) instanceof Integer given ? given : otherwise;
    }

    private int headSize(int width, int heads, List<String> all) {
        if (width < 1 || heads < 1) {
            return ConfigRules.UNKNOWN;
        }
        if (width % heads != 0 && !chosen.containsKey("headSize")) {
            all.add("width must be divisible by heads: " + width + " % " + heads + " = " + width % heads
                    + " (or give headSize)");
            return ConfigRules.UNKNOWN;
        }
        return Math.max(1, width / heads);
    }

    private static int feedForwardWidth(int width, boolean gated) {
        return width < 1 || width > Integer.MAX_VALUE / 16
                ? ConfigRules.UNKNOWN
                : defaultFeedForwardWidth(width, gated);
    }

    private static Position resolve(Position position, int headSize) {
        return position instanceof Position.Rotary rotary
                        && rotary.dimensions() == Position.Rotary.WHOLE_HEAD
                        && headSize != ConfigRules.UNKNOWN
                ? rotary.withDimensions(headSize)
                : position;
    }

    /// The preset's norm biases belong to its layer norm: they go when another kind is chosen and biases are not.
    private Biases biases(NormKind norm) {
        Biases biases = value("biases", Biases.class);
        if (chosen.containsKey("biases") || norm instanceof NormKind.Layer) {
            return biases;
        }
        return new Biases(
                biases.queryKeyValue(), biases.attentionOutput(), biases.feedForward(), false, biases.output());
    }
}
