package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// OLMo 2 (OLMo Team 2025): norms behind attention and the feed-forward part, and on all queries and all keys.
/// `Olmo2ForCausalLM`.
final class Olmo2Family implements Family {
    @Override
    public String modelType() {
        return "olmo2";
    }

    @Override
    public String architecture() {
        return "Olmo2ForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        boolean attentionBias = fields.flag("attention_bias", false);
        return LlamaFields.sizes(fields, 2048, false)
                .norm(LlamaFields.rms(fields, 1e-5, 0))
                .blockLayout(BlockLayout.POST_SUBLAYER_NORM)
                .queryKeyNorm(QueryKeyNorm.WHOLE)
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(new Biases(attentionBias, attentionBias, false, false, false))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        // Other readers know no such key here and divide the width by the heads.
        json.remove("head_dim");
        LlamaFields.describeRms(config, json);
        json.put("attention_bias", config.biases().queryKeyValue());
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("model.embed_tokens.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "model.layers." + i + ".";
            String ours = "layers." + i + ".";
            LlamaNames.attention(config, mappings, theirs + "self_attn.", ours + "attention.");
            mappings.both(theirs + "post_attention_layernorm", ours + "attention_norm");
            LlamaNames.gated(config, mappings, theirs + "mlp.", ours + "feed_forward.");
            mappings.both(theirs + "post_feedforward_layernorm", ours + "feed_forward_norm");
        }
        mappings.both("model.norm", "norm");
        mappings.both("lm_head", "output");
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return LlamaNames.ignores(config, name);
    }
}
