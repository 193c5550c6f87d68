package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Phi-1 to Phi-2 (Gunasekar et al. 2023): attention and feed-forward part beside each other behind one norm, partly
/// rotated heads, biases everywhere. `PhiForCausalLM`.
final class PhiFamily implements Family {
    @Override
    public String modelType() {
        return "phi";
    }

    @Override
    public String architecture() {
        return "PhiForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("qk_layernorm", false);
        Position.Rotary rotary =
                RopeFields.read(fields).withDimensions(RopeFields.part(fields, "partial_rotary_factor", 0.5));
        return LlamaFields.sizes(fields, 2048, false, rotary)
                .norm(new NormKind.Layer((float) fields.number("layer_norm_eps", 1e-5)))
                .blockLayout(BlockLayout.PARALLEL_SHARED_NORM)
                .activation(ActivationNames.read(fields, "hidden_act", "gelu_new"))
                .gated(false)
                .biases(new Biases(true, true, true, true, true))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        json.remove("head_dim");
        json.put("layer_norm_eps", ConfigFields.decimal(config.norm().epsilon()));
        json.put("qk_layernorm", false);
        if (config.position() instanceof Position.Rotary rotary) {
            json.put("partial_rotary_factor", (double) rotary.dimensions() / config.headSize());
        }
        Gpt2Fields.describeDropout(config, json);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("model.embed_tokens.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "model.layers." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "input_layernorm", ours + "attention_norm");
            LlamaNames.queryKeyValue(config, mappings, theirs + "self_attn.", ours + "attention.");
            mappings.both(theirs + "self_attn.dense", ours + "attention.output");
            mappings.both(theirs + "mlp.fc1", ours + "feed_forward.input");
            mappings.both(theirs + "mlp.fc2", ours + "feed_forward.output");
        }
        mappings.both("model.final_layernorm", "norm");
        mappings.both("lm_head", "output");
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return LlamaNames.ignores(config, name);
    }
}
