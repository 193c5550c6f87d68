package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.kernel.Activation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gemma 1 (Gemma Team 2024), CodeGemma among it: LLaMA with norms that multiply by one plus the weight, embeddings
/// times the root of the width, and a GELU gate. `GemmaForCausalLM`.
final class GemmaFamily implements Family {
    /// What the family takes where `head_dim` is missing, whatever the width.
    private static final int HEAD_SIZE = 256;

    @Override
    public String modelType() {
        return "gemma";
    }

    @Override
    public String architecture() {
        return "GemmaForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        boolean attentionBias = fields.flag("attention_bias", false);
        var builder = LlamaFields.sizes(fields, 8192, true)
                .norm(LlamaFields.rms(fields, 1e-6, 1))
                .activation(activation(fields))
                .embeddingScale((float) Math.sqrt(fields.integer("hidden_size", 1)))
                .biases(new Biases(attentionBias, attentionBias, false, false, false));
        return (fields.has("head_dim") ? builder : builder.headSize(HEAD_SIZE)).build();
    }

    /// The first published configs say "gelu" under `hidden_act`, have no `hidden_activation`, and mean the tanh form.
    private static Activation activation(ConfigFields fields) {
        if (fields.has("hidden_activation")) {
            return ActivationNames.read(fields, "hidden_activation", "gelu_pytorch_tanh");
        }
        Activation named = ActivationNames.read(fields, "hidden_act", "gelu_pytorch_tanh");
        return named == Activation.GELU_ERF ? Activation.GELU_TANH : named;
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        LlamaFields.describeRms(config, json);
        json.put("hidden_activation", ActivationNames.name(config.activation()));
        json.put("attention_bias", config.biases().queryKeyValue());
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
