package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// LLaMA 1 to 3 (Touvron et al. 2023) and what has its shape, such as DeepSeek Coder: `LlamaForCausalLM`.
final class LlamaFamily implements Family {
    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public String architecture() {
        return "LlamaForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        boolean attentionBias = fields.flag("attention_bias", false);
        return LlamaFields.sizes(fields, 2048, false)
                .norm(LlamaFields.rms(fields, 1e-6, 0))
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(new Biases(attentionBias, attentionBias, fields.flag("mlp_bias", false), false, false))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        LlamaFields.describeRms(config, json);
        json.put("attention_bias", config.biases().queryKeyValue());
        json.put("mlp_bias", config.biases().feedForward());
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
