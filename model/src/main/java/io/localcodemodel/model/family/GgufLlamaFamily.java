package io.localcodemodel.model.family;

import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.RotaryScaling;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// LLaMA as GGUF files hold it: other names, and rows of queries and keys in the order in which neighbours are rotated
/// as pairs.
final class GgufLlamaFamily implements Family {
    static final String ARCHITECTURE = "llama";
    private static final String KEY = ARCHITECTURE + ".";
    private static final String ORIGINAL_CONTEXT = KEY + "rope.scaling.original_context_length";

    @Override
    public String modelType() {
        return "llama in GGUF";
    }

    @Override
    public String architecture() {
        return ARCHITECTURE;
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        int heads = fields.integer(KEY + "attention.head_count");
        int width = fields.integer(KEY + "embedding_length");
        int headSize = fields.integer(KEY + "attention.key_length", width / Math.max(1, heads));
        double theta = fields.number(KEY + "rope.freq_base", Position.Rotary.THETA);
        int rotated = fields.integer(KEY + "rope.dimension_count", headSize);
        return TransformerConfig.llama()
                .vocabularySize(fields.integer(KEY + "vocab_size"))
                .contextLength(fields.integer(KEY + "context_length"))
                .layers(fields.integer(KEY + "block_count"))
                .width(width)
                .heads(heads)
                .headSize(headSize)
                .kvHeads(fields.integer(KEY + "attention.head_count_kv", heads))
                .feedForwardWidth(fields.integer(KEY + "feed_forward_length"))
                .norm(new NormKind.Rms((float) fields.number(KEY + "attention.layer_norm_rms_epsilon", 1e-5), 0))
                .tiedOutput(fields.flag(GgufModels.TIED, true))
                .position(Position.Rotary.of(theta)
                        .withScaling(scaling(fields, theta, rotated))
                        .withDimensions(rotated)
                        .asInterleaved())
                .build();
    }

    private static RotaryScaling scaling(ConfigFields fields, double theta, int rotated) {
        if (fields.has(RotaryFactors.TENSOR)) {
            int original = fields.integer(ORIGINAL_CONTEXT, RotaryFactors.ORIGINAL_CONTEXT);
            var scaling = RotaryFactors.scaling(fields.numbers(RotaryFactors.TENSOR), theta, rotated, original);
            if (scaling != null) {
                return scaling;
            }
            fields.problem(
                    RotaryFactors.TENSOR,
                    "expected the " + rotated / 2 + " numbers of LLaMA 3.1's scaling from a context of " + original
                            + ", found others; models scaled in another way cannot be loaded");
            return new RotaryScaling.Unscaled();
        }
        String type = fields.text(KEY + "rope.scaling.type", "none");
        return switch (type) {
            case "none" -> new RotaryScaling.Unscaled();
            case "linear" -> new RotaryScaling.Linear(fields.number(KEY + "rope.scaling.factor"));
            default -> {
                fields.problem(KEY + "rope.scaling.type", "expected none or linear, found '" + type + "'");
                yield new RotaryScaling.Unscaled();
            }
        };
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("general.architecture", ARCHITECTURE);
        json.put("general.quantization_version", 2);
        json.put(KEY + "vocab_size", config.vocabularySize());
        json.put(KEY + "context_length", config.contextLength());
        json.put(KEY + "block_count", config.layers());
        json.put(KEY + "embedding_length", config.width());
        json.put(KEY + "attention.head_count", config.heads());
        json.put(KEY + "attention.head_count_kv", config.kvHeads());
        json.put(KEY + "attention.key_length", config.headSize());
        json.put(KEY + "attention.value_length", config.headSize());
        json.put(KEY + "feed_forward_length", config.feedForwardWidth());
        if (config.norm() instanceof NormKind.Rms(float epsilon, float _)) {
            json.put(KEY + "attention.layer_norm_rms_epsilon", epsilon);
        }
        if (config.position()
                instanceof Position.Rotary(double theta, RotaryScaling scaling, int dimensions, boolean _)) {
            json.put(KEY + "rope.freq_base", (float) theta);
            json.put(KEY + "rope.dimension_count", dimensions);
            if (scaling instanceof RotaryScaling.Linear(double factor)) {
                json.put(KEY + "rope.scaling.type", "linear");
                json.put(KEY + "rope.scaling.factor", (float) factor);
            } else if (scaling instanceof RotaryScaling.Llama3 llama3) {
                json.put(ORIGINAL_CONTEXT, llama3.originalContextLength());
                json.put(RotaryFactors.TENSOR, RotaryFactors.of(llama3, theta, dimensions));
            }
        }
        json.put(GgufModels.TIED, config.tiedOutput());
    }

    /// The config as a reader of the file should find it: pairs of neighbours are rotated, since rows are put in that
    /// order, and what only training needs is whatever `back` says.
    static TransformerConfig asRead(TransformerConfig config, TransformerConfig back) {
        return new TransformerConfig(
                config.vocabularySize(),
                config.contextLength(),
                config.layers(),
                config.width(),
                config.heads(),
                config.kvHeads(),
                config.headSize(),
                config.feedForwardWidth(),
                config.position() instanceof Position.Rotary rotary ? rotary.asInterleaved() : config.position(),
                config.norm(),
                config.blockLayout(),
                config.queryKeyNorm(),
                config.activation(),
                config.gated(),
                config.biases(),
                config.tiedOutput(),
                config.mask(),
                config.embeddingScale(),
                back.dropout(),
                back.initialDeviation());
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return name.equals(RotaryFactors.TENSOR);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        int query = config.heads() * config.headSize();
        int key = config.kvHeads() * config.headSize();
        int hidden = config.feedForwardWidth();
        mappings.whole("token_embd.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "blk." + i + ".";
            String ours = "layers." + i + ".";
            String qkv = ours + "attention.qkv.weight";
            String input = ours + "feed_forward.input.weight";
            mappings.whole(theirs + "attn_norm.weight", ours + "attention_norm.weight");
            rotated(config, mappings, theirs + "attn_q.weight", qkv, 0, query);
            rotated(config, mappings, theirs + "attn_k.weight", qkv, query, query + key);
            mappings.rows(theirs + "attn_v.weight", qkv, query + key, query + 2 * key);
            mappings.whole(theirs + "attn_output.weight", ours + "attention.output.weight");
            mappings.whole(theirs + "ffn_norm.weight", ours + "feed_forward_norm.weight");
            mappings.rows(theirs + "ffn_gate.weight", input, 0, hidden);
            mappings.rows(theirs + "ffn_up.weight", input, hidden, 2 * hidden);
            mappings.whole(theirs + "ffn_down.weight", ours + "feed_forward.output.weight");
        }
        mappings.whole("output_norm.weight", "norm.weight");
        mappings.whole("output.weight", "output.weight");
    }

    /// Rows of queries or keys: neighbours of the file are the halves of a pair of ours where ours rotates halves.
    private static void rotated(
            TransformerConfig config, TensorMappings mappings, String name, String parameter, int from, int to) {
        if (!(config.position() instanceof Position.Rotary rotary) || rotary.interleaved()) {
            mappings.rows(name, parameter, from, to);
            return;
        }
        int[] order = new int[to - from];
        for (int row = 0; row < order.length; row++) {
            int within = row % config.headSize();
            int ours = within < rotary.dimensions() ? within / 2 + within % 2 * rotary.dimensions() / 2 : within;
            order[row] = from + row - within + ours;
        }
        mappings.permuted(name, parameter, order);
    }
}
