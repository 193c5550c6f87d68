package io.localcodemodel.model.family;

import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// OPT (Zhang et al. 2022) and Galactica: GPT-2 with ReLU, separate projections, and a position table that starts two
/// rows late. `OPTForCausalLM`.
final class OptFamily implements Family {
    private static final int UNUSED_POSITIONS = 2;
    private static final String PREFIX = "model.decoder.";

    @Override
    public String modelType() {
        return "opt";
    }

    @Override
    public String architecture() {
        return "OPTForCausalLM";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        fields.requireFlag("do_layer_norm_before", true);
        fields.requireFlag("_remove_final_layer_norm", false);
        fields.requireFlag("enable_bias", true);
        fields.requireFlag("layer_norm_elementwise_affine", true);
        int width = fields.integer("hidden_size");
        if (fields.integer("word_embed_proj_dim", width) != width) {
            fields.problem("word_embed_proj_dim", "only the hidden_size " + width + " is supported");
        }
        return TransformerConfig.gpt2()
                .vocabularySize(fields.integer("vocab_size"))
                .contextLength(fields.integer("max_position_embeddings", 2048))
                .layers(fields.integer("num_hidden_layers"))
                .width(width)
                .heads(fields.integer("num_attention_heads"))
                .feedForwardWidth(fields.integer("ffn_dim"))
                .position(new Position.Learned(UNUSED_POSITIONS))
                .norm(NormKind.layer())
                .activation(ActivationNames.read(fields, "activation_function", "relu"))
                .tiedOutput(fields.flag("tie_word_embeddings", true))
                .dropout(new DropoutRates(0, (float) fields.number("dropout", 0.1)))
                .initialDeviation((float) fields.number("init_std", 0.02))
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("vocab_size", config.vocabularySize());
        json.put("max_position_embeddings", config.contextLength());
        json.put("num_hidden_layers", config.layers());
        json.put("hidden_size", config.width());
        json.put("word_embed_proj_dim", config.width());
        json.put("num_attention_heads", config.heads());
        json.put("ffn_dim", config.feedForwardWidth());
        json.put("activation_function", ActivationNames.name(config.activation()));
        json.put("do_layer_norm_before", true);
        json.put("tie_word_embeddings", config.tiedOutput());
        json.put("dropout", ConfigFields.decimal(config.dropout().residual()));
        json.put("attention_dropout", 0.0);
        json.put("init_std", ConfigFields.decimal(config.initialDeviation()));
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole(PREFIX + "embed_tokens.weight", "embedding.weight");
        mappings.whole(PREFIX + "embed_positions.weight", "position.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = PREFIX + "layers." + i + ".";
            String ours = "layers." + i + ".";
            mappings.both(theirs + "self_attn_layer_norm", ours + "attention_norm");
            LlamaNames.queryKeyValue(config, mappings, theirs + "self_attn.", ours + "attention.");
            mappings.both(theirs + "self_attn.out_proj", ours + "attention.output");
            mappings.both(theirs + "final_layer_norm", ours + "feed_forward_norm");
            mappings.both(theirs + "fc1", ours + "feed_forward.input");
            mappings.both(theirs + "fc2", ours + "feed_forward.output");
        }
        mappings.both(PREFIX + "final_layer_norm", "norm");
        mappings.whole("lm_head.weight", "output.weight");
    }

    @Override
    public boolean ignores(TransformerConfig config, String name) {
        return config.tiedOutput() && name.equals("lm_head.weight");
    }
}
