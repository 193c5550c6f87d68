package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Mistral (Jiang et al. 2023): LLaMA whose tokens may see a sliding window only. `MistralForCausalLM`.
final class MistralFamily implements Family {
    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public String architecture() {
        return "MistralForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        return LlamaFields.sizes(fields, 131_072, false)
                .norm(LlamaFields.rms(fields, 1e-6, 0))
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(Biases.NONE)
                .mask(LlamaFields.window(fields, "sliding_window"))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        LlamaFields.describeRms(config, json);
        json.put("sliding_window", LlamaFields.window(config));
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
