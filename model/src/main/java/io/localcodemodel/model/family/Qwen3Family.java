package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Qwen3 (Yang et al. 2025), dense: LLaMA with a norm on each head of queries and keys. `Qwen3ForCausalLM`.
final class Qwen3Family implements Family {
    /// What the family takes where `head_dim` is missing, whatever the width.
    private static final int HEAD_SIZE = 128;

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public String architecture() {
        return "Qwen3ForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("use_sliding_window", false);
        boolean attentionBias = fields.flag("attention_bias", false);
        var builder = LlamaFields.sizes(fields, 32_768, false)
                .norm(LlamaFields.rms(fields, 1e-6, 0))
                .queryKeyNorm(QueryKeyNorm.PER_HEAD)
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(new Biases(attentionBias, attentionBias, false, false, false));
        return (fields.has("head_dim") ? builder : builder.headSize(HEAD_SIZE)).build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        LlamaFields.describeRms(config, json);
        json.put("attention_bias", config.biases().queryKeyValue());
        json.put("use_sliding_window", false);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        LlamaNames.map(config, mappings);
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return LlamaNames.ignores(config, name);
    }
}
