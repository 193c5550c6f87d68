package io.localcodemodel.model.family;

import io.localcodemodel.model.TransformerConfig;
import java.util.regex.Pattern;

/// The tensor names of LLaMA, which many later families took over: queries, keys and values are three tensors, and so
/// are gate and up projection two.
final class LlamaNames {
    private static final Pattern BUFFERS =
            Pattern.compile("model\\.(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq");

    private LlamaNames() {}

    /// Whether files hold a tensor of this name that is no parameter: rotary frequencies, and the head where it is tied.
    static boolean ignores(TransformerConfig config, String name) {
        return BUFFERS.matcher(name).matches() || (config.tiedOutput() && name.equals("lm_head.weight"));
    }

    static void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("model.embed_tokens.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "model.layers." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "input_layernorm", ours + "attention_norm");
            attention(config, mappings, theirs + "self_attn.", ours + "attention.");
            mappings.both(theirs + "post_attention_layernorm", ours + "feed_forward_norm");
            gated(config, mappings, theirs + "mlp.", ours + "feed_forward.");
        }
        mappings.both("model.norm", "norm");
        mappings.both("lm_head", "output");
    }

    static void attention(TransformerConfig config, TensorMappings mappings, String theirs, String ours) {
        queryKeyValue(config, mappings, theirs, ours);
        mappings.both(theirs + "o_proj", ours + "output");
        mappings.whole(theirs + "q_norm.weight", ours + "query_norm.weight");
        mappings.whole(theirs + "k_norm.weight", ours + "key_norm.weight");
    }

    static void queryKeyValue(TransformerConfig config, TensorMappings mappings, String theirs, String ours) {
        int query = config.heads() * config.headSize();
        int key = config.kvHeads() * config.headSize();
        for (String part : new String[] {".weight", ".bias"}) {
            mappings.rows(theirs + "q_proj" + part, ours + "qkv" + part, 0, query);
            mappings.rows(theirs + "k_proj" + part, ours + "qkv" + part, query, query + key);
            mappings.rows(theirs + "v_proj" + part, ours + "qkv" + part, query + key, query + 2 * key);
        }
    }

    static void gated(TransformerConfig config, TensorMappings mappings, String theirs, String ours) {
        int hidden = config.feedForwardWidth();
        for (String part : new String[] {".weight", ".bias"}) {
            mappings.rows(theirs + "gate_proj" + part, ours + "input" + part, 0, hidden);
            if (config.gated()) {
                mappings.rows(theirs + "up_proj" + part, ours + "input" + part, hidden, 2 * hidden);
            }
        }
        mappings.both(theirs + "down_proj", ours + "output");
    }
}
