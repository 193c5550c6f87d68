package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CodeGen (Nijkamp et al. 2022): attention and feed-forward part beside each other behind one norm, neighbours rotated
/// as pairs, and a fused projection in blocks. `CodeGenForCausalLM`.
final class CodeGenFamily implements Family {
    /// The fused projection is in this many blocks of rows, one for each core of the machines that trained the models;
    /// a block is the queries, the values and the keys of its share of the heads.
    private static final int BLOCKS = 4;

    private static final Pattern BUFFERS = Pattern.compile("transformer\\.h\\.\\d+\\.attn\\.(causal_mask|bias)");

    @Override
    public String modelType() {
        return "codegen";
    }

    @Override
    public String architecture() {
        return "CodeGenForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        int heads = fields.integer("n_head");
        if (heads % BLOCKS != 0) {
            fields.problem("n_head", "expected a multiple of " + BLOCKS + ", found " + heads);
        }
        return Gpt2Fields.sizes(fields, "gelu_new", false, 0)
                .position(Position.Rotary.of(Position.Rotary.THETA)
                        .withDimensions(fields.integer("rotary_dim", 64))
                        .asInterleaved())
                .blockLayout(BlockLayout.PARALLEL_SHARED_NORM)
                .biases(new Biases(false, false, true, true, true))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        Gpt2Fields.describeSizes(config, json);
        if (config.position() instanceof Position.Rotary rotary) {
            json.put("rotary_dim", rotary.dimensions());
        }
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("transformer.wte.weight", "embedding.weight");
        int[] order = order(config);
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "transformer.h." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "ln_1", ours + "attention_norm");
            mappings.permuted(theirs + "attn.qkv_proj.weight", ours + "attention.qkv.weight", order);
            mappings.both(theirs + "attn.out_proj", ours + "attention.output");
            mappings.both(theirs + "mlp.fc_in", ours + "feed_forward.input");
            mappings.both(theirs + "mlp.fc_out", ours + "feed_forward.output");
        }
        mappings.both("transformer.ln_f", "norm");
        mappings.both("lm_head", "output");
    }

    /// Our row for each of theirs. Ours are queries, keys, values; each of their blocks is queries, values, keys.
    private static int[] order(TransformerConfig config) {
        int width = config.heads() * config.headSize();
        int share = width / BLOCKS;
        int[] parts = {0, 2, 1};
        int[] order = new int[3 * share * BLOCKS];
        for (int row = 0; row < order.length; row++) {
            int block = row / (3 * share);
            int part = row / share % 3;
            order[row] = parts[part] * width + block * share + row % share;
        }
        return order;
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("lm_head.weight"));
    }
}
