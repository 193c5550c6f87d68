package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// GPT-NeoX (Black et al. 2022) and Pythia: attention and feed-forward part beside each other, partly rotated heads, and
/// queries, keys and values of each head together. `GPTNeoXForCausalLM`.
final class GptNeoxFamily implements Family {
    private static final Pattern BUFFERS =
            Pattern.compile("gpt_neox\\.layers\\.\\d+\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");

    @Override
    public String modelType() {
        return "gpt_neox";
    }

    @Override
    public String architecture() {
        return "GPTNeoXForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        boolean attentionBias = fields.flag("attention_bias", true);
        Position.Rotary rotary = Position.Rotary.of(fields.number("rotary_emb_base", Position.Rotary.THETA))
                .withScaling(RopeFields.scaling(fields))
                .withDimensions(RopeFields.part(fields, "rotary_pct", 0.25));
        return LlamaFields.sizes(fields, 2048, false, rotary)
                .norm(new NormKind.Layer((float) fields.number("layer_norm_eps", 1e-5)))
                .blockLayout(fields.flag("use_parallel_residual", true) ? BlockLayout.PARALLEL : BlockLayout.PRE_NORM)
                .activation(ActivationNames.read(fields, "hidden_act", "gelu"))
                .gated(false)
                .biases(new Biases(attentionBias, attentionBias, true, true, false))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        LlamaFields.describeSizes(config, json);
        json.remove("head_dim");
        json.remove("num_key_value_heads");
        json.remove("rope_theta");
        json.put("layer_norm_eps", ConfigFields.decimal(config.norm().epsilon()));
        json.put("use_parallel_residual", config.blockLayout() == BlockLayout.PARALLEL);
        json.put("attention_bias", config.biases().queryKeyValue());
        if (config.position() instanceof Position.Rotary rotary) {
            json.put("rotary_emb_base", rotary.theta());
            json.put("rotary_pct", (double) rotary.dimensions() / config.headSize());
        }
        Gpt2Fields.describeDropout(config, json);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("gpt_neox.embed_in.weight", "embedding.weight");
        int[] order = byHead(config);
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "gpt_neox.layers." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "input_layernorm", ours + "attention_norm");
            mappings.permuted(theirs + "attention.query_key_value.weight", ours + "attention.qkv.weight", order);
            mappings.permuted(theirs + "attention.query_key_value.bias", ours + "attention.qkv.bias", order);
            mappings.both(theirs + "attention.dense", ours + "attention.output");
            mappings.both(theirs + "post_attention_layernorm", ours + "feed_forward_norm");
            mappings.both(theirs + "mlp.dense_h_to_4h", ours + "feed_forward.input");
            mappings.both(theirs + "mlp.dense_4h_to_h", ours + "feed_forward.output");
        }
        mappings.both("gpt_neox.final_layer_norm", "norm");
        mappings.both("embed_out", "output");
    }

    /// Our row for each of theirs: for head after head its queries, its keys, its values.
    static int[] byHead(TransformerConfig config) {
        int size = config.headSize();
        int width = config.heads() * size;
        int[] order = new int[3 * width];
        for (int head = 0; head < config.heads(); head++) {
            for (int part = 0; part < 3; part++) {
                for (int i = 0; i < size; i++) {
                    order[(head * 3 + part) * size + i] = part * width + head * size + i;
                }
            }
        }
        return order;
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("embed_out.weight"));
    }
}
