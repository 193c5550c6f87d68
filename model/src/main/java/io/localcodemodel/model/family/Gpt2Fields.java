package io.localcodemodel.model.family;

import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The config keys of GPT-2 that other families of its time share.
final class Gpt2Fields {
    private Gpt2Fields() {}

    /// A builder with sizes, norm, activation, dropout and initial deviation.
    ///
    /// @param activation what the family takes where the key is missing; `tied` and `dropout` likewise
    static TransformerConfigBuilder sizes(ConfigFields fields, String activation, boolean tied, double dropout) {
        fields.requireFlag("scale_attn_weights", true);
        int width = fields.integer("n_embd");
        int usual = width > Integer.MAX_VALUE / 4 ? width : 4 * width;
        return TransformerConfig.gpt2()
                .vocabularySize(fields.integer("vocab_size"))
                .contextLength(fields.integer("n_positions"))
                .layers(fields.integer("n_layer"))
                .width(width)
                .heads(fields.integer("n_head"))
                .feedForwardWidth(fields.integer("n_inner", usual))
                .norm(new NormKind.Layer((float) fields.number("layer_norm_epsilon", 1e-5)))
                .activation(ActivationNames.read(fields, "activation_function", activation))
                .tiedOutput(fields.flag("tie_word_embeddings", tied))
                .dropout(dropout(fields, dropout))
                .initialDeviation((float) fields.number("initializer_range", 0.02));
    }

    static DropoutRates dropout(ConfigFields fields, double otherwise) {
        return new DropoutRates(
                (float) fields.number("embd_pdrop", otherwise), (float) fields.number("resid_pdrop", otherwise));
    }

    /// Writes what [#sizes] reads.
    static void describeSizes(TransformerConfig config, Map<String, @Nullable Object> json) {
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
        describeDropout(config, json);
        json.put("attn_pdrop", 0.0);
    }

    static void describeDropout(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("embd_pdrop", ConfigFields.decimal(config.dropout().embedding()));
        json.put("resid_pdrop", ConfigFields.decimal(config.dropout().residual()));
    }
}
