package io.localcodemodel.model.family;

import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import io.localcodemodel.tensor.op.Mask;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The config keys of LLaMA that many later families took over.
///
/// Dropout is no part of these families; where a model has some, it is written under the keys of GPT-2, which other
/// programs pass over.
final class LlamaFields {
    private LlamaFields() {}

    /// A builder with sizes, rotation, dropout and initial deviation.
    ///
    /// @param contextLength what the family takes where the key is missing; `tied` likewise
    static TransformerConfigBuilder sizes(ConfigFields fields, int contextLength, boolean tied) {
        return sizes(fields, contextLength, tied, RopeFields.read(fields));
    }

    /// The same for a family with other words for the rotation, or one that turns only a part of each head.
    static TransformerConfigBuilder sizes(
            ConfigFields fields, int contextLength, boolean tied, Position.Rotary position) {
        int heads = fields.integer("num_attention_heads");
        TransformerConfigBuilder builder = TransformerConfig.llama()
                .vocabularySize(fields.integer("vocab_size"))
                .contextLength(fields.integer("max_position_embeddings", contextLength))
                .layers(fields.integer("num_hidden_layers"))
                .width(fields.integer("hidden_size"))
                .heads(heads)
                .kvHeads(fields.integer("num_key_value_heads", heads))
                .feedForwardWidth(fields.integer("intermediate_size"))
                .position(position)
                .tiedOutput(fields.flag("tie_word_embeddings", tied))
                .dropout(Gpt2Fields.dropout(fields, 0))
                .initialDeviation((float) fields.number("initializer_range", 0.02));
        if (fields.has("head_dim")) {
            builder.headSize(fields.integer("head_dim"));
        }
        return builder;
    }

    /// An RMS norm with the family's epsilon where the key is missing.
    static NormKind rms(ConfigFields fields, double epsilon, float weightShift) {
        return new NormKind.Rms((float) fields.number("rms_norm_eps", epsilon), weightShift);
    }

    /// Each token sees so many before it, or all where the key is missing or null.
    static Mask window(ConfigFields fields, String key) {
        if (!fields.has(key)) {
            return new Mask.Causal();
        }
        int window = fields.integer(key);
        if (window < 1) {
            fields.problem(key, "expected at least 1, found " + window);
            return new Mask.Causal();
        }
        return new Mask.SlidingWindow(window);
    }

    /// Writes what [#sizes] reads.
    static void describeSizes(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("vocab_size", config.vocabularySize());
        json.put("max_position_embeddings", config.contextLength());
        json.put("num_hidden_layers", config.layers());
        json.put("hidden_size", config.width());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.kvHeads());
        json.put("head_dim", config.headSize());
        json.put("intermediate_size", config.feedForwardWidth());
        json.put("hidden_act", ActivationNames.name(config.activation()));
        RopeFields.describe(config, json);
        json.put("tie_word_embeddings", config.tiedOutput());
        json.put("initializer_range", ConfigFields.decimal(config.initialDeviation()));
        if (!config.dropout().equals(DropoutRates.NONE)) {
            Gpt2Fields.describeDropout(config, json);
        }
    }

    static void describeRms(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("rms_norm_eps", ConfigFields.decimal(config.norm().epsilon()));
    }

    static @Nullable Integer window(TransformerConfig config) {
        return config.mask() instanceof Mask.SlidingWindow(int window) ? window : null;
    }
}
