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
        var builder = TransformerConfig.llama()
                .vocabularySize(fields.integer(KEY + "vocab_size"))
                .contextLength(fields.integer(KEY + "context_length"))
                .layers(fields.integer(KEY + "block_count"))
                .width(fields.integer(KEY + "embedding_length"))
                .heads(heads)
                .kvHeads(fields.integer(KEY + "attention.head_count_kv", heads))
                .feedForwardWidth(fields.integer(KEY + "feed_forward_length"))
                .norm(new NormKind.Rms((float) fields.number(KEY + "attention.layer_norm_rms_epsilon", 1e-5), 0))
                .tiedOutput(fields.flag(GgufModels.TIED, true))
                .position(Position.Rotary.of(fields.number(KEY + "rope.freq_base", Position.Rotary.THETA))
                        .withScaling(scaling(fields))
                        .withDimensions(fields.integer(KEY + "rope.dimension_count", Position.Rotary.WHOLE_HEAD))
                        .asInterleaved());
        if (fields.has(KEY + "attention.key_length")) {
            builder.headSize(fields.integer(KEY + "attention.key_length"));
        }
        return builder.build();
    }

    private static RotaryScaling scaling(ConfigFields fields) {
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
        throw new UnsupportedOperationException("GGUF files are read, not written");
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
            mappings.rows(theirs + "attn_q.weight", qkv, 0, query);
            mappings.rows(theirs + "attn_k.weight", qkv, query, query + key);
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
}
