package io.localcodemodel.model.family;

import io.localcodemodel.model.TransformerConfig;

/// The tensor names of LLaMA, which many later families took over: queries, keys and values are three tensors, and so
/// are gate and up projection two.
final class LlamaNames {
    private LlamaNames() {}

    static void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole("model.embed_tokens.weight", "embedding.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = "model.layers." + i + ".";
            String ours = "layers." + i + ".";
            both(mappings, theirs + "input_layernorm", ours + "attention_norm");
            attention(config, mappings, theirs + "self_attn.", ours + "attention.");
            both(mappings, theirs + "post_attention_layernorm", ours + "feed_forward_norm");
            gated(config, mappings, theirs + "mlp.", ours + "feed_forward.");
        }
        both(mappings, "model.norm", "norm");
        both(mappings, "lm_head", "output");
    }

    /// Weight and bias of a norm or a linear map.
    static void both(TensorMappings mappings, String theirs, String ours) {
        mappings.whole(theirs + ".weight", ours + ".weight");
        mappings.whole(theirs + ".bias", ours + ".bias");
    }

    static void attention(TransformerConfig config, TensorMappings mappings, String theirs, String ours) {
        queryKeyValue(config, mappings, theirs, ours);
        both(mappings, theirs + "o_proj", ours + "output");
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
        both(mappings, theirs + "down_proj", ours + "output");
    }
}
