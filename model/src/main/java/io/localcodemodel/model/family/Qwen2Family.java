package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Qwen2 and Qwen2.5 (Yang et al. 2024), the Coder models among them: LLaMA with biases on queries, keys and values.
/// `Qwen2ForCausalLM`. `sliding_window` counts only with `use_sliding_window`, which no published model sets.
final class Qwen2Family implements Family {
    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public String architecture() {
        return "Qwen2ForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("use_sliding_window", false);
        return LlamaFields.sizes(fields, 32_768, false)
                .norm(LlamaFields.rms(fields, 1e-6, 0))
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(new Biases(true, false, false, false, false))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        // Other readers know no such key here and divide the width by the heads.
        json.remove("head_dim");
        LlamaFields.describeRms(config, json);
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
