package io.localcodemodel.model.family;

import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// GPT-2 (Radford et al. 2019): `GPT2LMHeadModel`. Weights of its linear maps are stored `[in, out]`.
///
/// The first published files have no `transformer.` before the names and hold the causal masks as buffers.
final class Gpt2Family implements Family {
    private static final String PREFIX = "transformer.";
    private static final Pattern BUFFERS = Pattern.compile("(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public String architecture() {
        return "GPT2LMHeadModel";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("scale_attn_by_inverse_layer_idx", false);
        fields.requireFlag("add_cross_attention", false);
        return Gpt2Fields.sizes(fields, "gelu_new", true, 0.1).build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        Gpt2Fields.describeSizes(config, json);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole(PREFIX + "wte.weight", "embedding.weight");
        mappings.whole(PREFIX + "wpe.weight", "position.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = PREFIX + "h." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "ln_1", ours + "attention_norm");
            linear(mappings, theirs + "attn.c_attn", ours + "attention.qkv");
            linear(mappings, theirs + "attn.c_proj", ours + "attention.output");
            mappings.both(theirs + "ln_2", ours + "feed_forward_norm");
            linear(mappings, theirs + "mlp.c_fc", ours + "feed_forward.input");
            linear(mappings, theirs + "mlp.c_proj", ours + "feed_forward.output");
        }
        mappings.both(PREFIX + "ln_f", "norm");
        mappings.whole("lm_head.weight", "output.weight");
    }

    private static void linear(TensorMappings mappings, String theirs, String ours) {
        mappings.transposed(theirs + ".weight", ours + ".weight");
        mappings.whole(theirs + ".bias", ours + ".bias");
    }

    @Override
    public @Nullable String otherName(String name) {
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : null;
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("lm_head.weight"));
    }
}
