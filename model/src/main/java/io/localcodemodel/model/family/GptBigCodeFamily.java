package io.localcodemodel.model.family;

import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// SantaCoder and the first StarCoder (Li et al. 2023): GPT-2 with a single key and value head and weights stored
/// `[out, in]`. `GPTBigCodeForCausalLM`.
final class GptBigCodeFamily implements Family {
    private static final String PREFIX = "transformer.";
    private static final Pattern BUFFERS = Pattern.compile("transformer\\.h\\.\\d+\\.attn\\.(bias|masked_bias)");

    @Override
    public String modelType() {
        return "gpt_bigcode";
    }

    @Override
    public String architecture() {
        return "GPTBigCodeForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("add_cross_attention", false);
        var builder = Gpt2Fields.sizes(fields, "gelu_pytorch_tanh", true, 0.1);
        return (fields.flag("multi_query", true) ? builder.kvHeads(1) : builder).build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        Gpt2Fields.describeSizes(config, json);
        json.put("multi_query", config.kvHeads() == 1);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole(PREFIX + "wte.weight", "embedding.weight");
        mappings.whole(PREFIX + "wpe.weight", "position.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = PREFIX + "h." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "ln_1", ours + "attention_norm");
            for (String part : new String[] {".weight", ".bias"}) {
                if (config.kvHeads() == 1) {
                    mappings.whole(theirs + "attn.c_attn" + part, ours + "attention.qkv" + part);
                } else {
                    int[] order = GptNeoxFamily.byHead(config);
                    mappings.permuted(theirs + "attn.c_attn" + part, ours + "attention.qkv" + part, order);
                }
            }
            mappings.both(theirs + "attn.c_proj", ours + "attention.output");
            mappings.both(theirs + "ln_2", ours + "feed_forward_norm");
            mappings.both(theirs + "mlp.c_fc", ours + "feed_forward.input");
            mappings.both(theirs + "mlp.c_proj", ours + "feed_forward.output");
        }
        mappings.both(PREFIX + "ln_f", "norm");
        mappings.whole("lm_head.weight", "output.weight");
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("lm_head.weight"));
    }
}
