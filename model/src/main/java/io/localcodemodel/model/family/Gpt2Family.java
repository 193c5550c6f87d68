package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
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
        fields.requireFlag("scale_attn_weights", true);
        fields.requireFlag("scale_attn_by_inverse_layer_idx", false);
        fields.requireFlag("add_cross_attention", false);
        int width = fields.integer("n_embd");
        return TransformerConfig.gpt2()
                .vocabularySize(fields.integer("vocab_size"))
                .contextLength(fields.integer("n_positions"))
                .layers(fields.integer("n_layer"))
                .width(width)
                .heads(fields.integer("n_head"))
                .feedForwardWidth(fields.integer("n_inner", Math.multiplyExact(4, width)))
                .norm(new NormKind.Layer((float) fields.number("layer_norm_epsilon", 1e-5)))
                .activation(ActivationNames.read(fields, "activation_function", "gelu_new"))
                .tiedOutput(fields.flag("tie_word_embeddings", true))
                .dropout(new DropoutRates(
                        (float) fields.number("embd_pdrop", 0.1), (float) fields.number("resid_pdrop", 0.1)))
                .initialDeviation((float) fields.number("initializer_range", 0.02))
                .position(Position.Learned.of())
                .biases(Biases.ALL_BUT_OUTPUT)
                .build();
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("vocab_size", config.vocabularySize());
        json.put("n_positions", config.contextLength());
        json.put("n_ctx", config.contextLength());
        json.put("n_embd", config.width());
        json.put("n_layer", config.layers());
        json.put("n_head", config.heads());
        json.put("n_inner", config.feedForwardWidth());
        json.put("activation_function", ActivationNames.name(config.activation()));
        json.put("layer_norm_epsilon", ConfigFields.decimal(config.norm().epsilon()));
        json.put("initializer_range", ConfigFields.decimal(config.initialDeviation()));
        json.put("tie_word_embeddings", config.tiedOutput());
        json.put("embd_pdrop", ConfigFields.decimal(config.dropout().embedding()));
        json.put("resid_pdrop", ConfigFields.decimal(config.dropout().residual()));
        json.put("attn_pdrop", 0.0);
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.whole(PREFIX + "wte.weight", "embedding.weight");
        mappings.whole(PREFIX + "wpe.weight", "position.weight");
        for (int i = 0; i < config.layers(); i++) {
            String theirs = PREFIX + "h." + i + ".";
            String ours = "layers." + i + ".";
            norm(mappings, theirs + "ln_1", ours + "attention_norm");
            linear(mappings, theirs + "attn.c_attn", ours + "attention.qkv");
            linear(mappings, theirs + "attn.c_proj", ours + "attention.output");
            norm(mappings, theirs + "ln_2", ours + "feed_forward_norm");
            linear(mappings, theirs + "mlp.c_fc", ours + "feed_forward.input");
            linear(mappings, theirs + "mlp.c_proj", ours + "feed_forward.output");
        }
        norm(mappings, PREFIX + "ln_f", "norm");
        mappings.whole("lm_head.weight", "output.weight");
    }

    private static void norm(TensorMappings mappings, String theirs, String ours) {
        mappings.whole(theirs + ".weight", ours + ".weight");
        mappings.whole(theirs + ".bias", ours + ".bias");
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
