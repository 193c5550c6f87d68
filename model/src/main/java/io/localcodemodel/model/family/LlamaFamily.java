package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// LLaMA 1 to 3 (Touvron et al. 2023) and what has its shape, such as DeepSeek Coder: `LlamaForCausalLM`.
///
/// Dropout is no part of the family; where a model has some, it is written under the keys of GPT-2, which other
/// programs pass over.
final class LlamaFamily implements Family {
    private static final Pattern BUFFERS =
            Pattern.compile("model\\.(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq");

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
        int width = fields.integer("hidden_size");
        int heads = fields.integer("num_attention_heads");
        boolean attentionBias = fields.flag("attention_bias", false);
        var builder = TransformerConfig.llama()
                .vocabularySize(fields.integer("vocab_size"))
                .contextLength(fields.integer("max_position_embeddings", 2048))
                .layers(fields.integer("num_hidden_layers"))
                .width(width)
                .heads(heads)
                .kvHeads(fields.integer("num_key_value_heads", heads))
                .feedForwardWidth(fields.integer("intermediate_size"))
                .position(RopeFields.read(fields))
                .norm(new NormKind.Rms((float) fields.number("rms_norm_eps", 1e-6), 0))
                .activation(ActivationNames.read(fields, "hidden_act", "silu"))
                .biases(new Biases(attentionBias, attentionBias, fields.flag("mlp_bias", false), false, false))
                .tiedOutput(fields.flag("tie_word_embeddings", false))
                .dropout(new DropoutRates(
                        (float) fields.number("embd_pdrop", 0), (float) fields.number("resid_pdrop", 0)))
                .initialDeviation((float) fields.number("initializer_range", 0.02));
        if (fields.has("head_dim")) {
            builder.headSize(fields.integer("head_dim"));
        }
        return builder.build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("vocab_size", config.vocabularySize());
        json.put("max_position_embeddings", config.contextLength());
        json.put("num_hidden_layers", config.layers());
        json.put("hidden_size", config.width());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.kvHeads());
        json.put("head_dim", config.headSize());
        json.put("intermediate_size", config.feedForwardWidth());
        json.put("hidden_act", ActivationNames.name(config.activation()));
        json.put("rms_norm_eps", ConfigFields.decimal(config.norm().epsilon()));
        RopeFields.describe(config, json);
        json.put("attention_bias", config.biases().queryKeyValue());
        json.put("mlp_bias", config.biases().feedForward());
        json.put("tie_word_embeddings", config.tiedOutput());
        json.put("initializer_range", ConfigFields.decimal(config.initialDeviation()));
        if (!config.dropout().equals(DropoutRates.NONE)) {
            json.put("embd_pdrop", ConfigFields.decimal(config.dropout().embedding()));
            json.put("resid_pdrop", ConfigFields.decimal(config.dropout().residual()));
        }
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        LlamaNames.map(config, mappings);
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("lm_head.weight"));
    }
}
