package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// StarCoder2 (Lozhkov et al. 2024): rotary positions and grouped queries with layer norm, biases and a plain
/// feed-forward part. `Starcoder2ForCausalLM`. Of its doubled keys `norm_epsilon` and `hidden_act` count.
final class Starcoder2Family implements Family {
    @Override
    public String modelType() {
        return "starcoder2";
    }

    @Override
    public String architecture() {
        return "Starcoder2ForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        boolean biased = fields.flag("use_bias", true);
        return LlamaFields.sizes(fields, 4096, true)
                .norm(new NormKind.Layer((float) fields.number("norm_epsilon", 1e-5)))
                .activation(ActivationNames.read(fields, "hidden_act", "gelu_pytorch_tanh"))
                .gated(false)
                .biases(new Biases(biased, biased, biased, true, false))
                .mask(LlamaFields.window(fields, "sliding_window"))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        // Other readers know no such key here and divide the width by the heads.
        json.remove("head_dim");
        json.put("norm_epsilon", ConfigFields.decimal(config.norm().epsilon()));
        json.put("use_bias", config.biases().feedForward());
        json.put("sliding_window", LlamaFields.window(config));
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("model.embed_tokens.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "model.layers." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "input_layernorm", ours + "attention_norm");
            LlamaNames.attention(config, mappings, theirs + "self_attn.", ours + "attention.");
            mappings.both(theirs + "post_attention_layernorm", ours + "feed_forward_norm");
            mappings.both(theirs + "mlp.c_fc", ours + "feed_forward.input");
            mappings.both(theirs + "mlp.c_proj", ours + "feed_forward.output");
        }
        mappings.both("model.norm", "norm");
        mappings.both("lm_head", "output");
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return LlamaNames.ignores(config, name);
    }
}
