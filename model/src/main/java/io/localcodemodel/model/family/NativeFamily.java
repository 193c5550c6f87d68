package io.localcodemodel.model.family;

import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.RotaryScaling;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// This library's own words, for models that no published family expresses.
final class NativeFamily implements Family {
    @Override
    public String modelType() {
        return "localcodemodel";
    }

    @Override
    public String architecture() {
        return "LocalCodeModel";
    }

    @Override
    public TransformerConfig config(ConfigFields fields) {
        return TransformerConfig.llama()
                .vocabularySize(fields.integer("vocabulary_size"))
                .contextLength(fields.integer("context_length"))
                .layers(fields.integer("layers"))
                .width(fields.integer("width"))
                .heads(fields.integer("heads"))
                .kvHeads(fields.integer("kv_heads"))
                .headSize(fields.integer("head_size"))
                .feedForwardWidth(fields.integer("feed_forward_width"))
                .position(position(required(fields, "position")))
                .norm(norm(required(fields, "norm")))
                .blockLayout(constant(fields, "block_layout", BlockLayout.PRE_NORM))
                .queryKeyNorm(constant(fields, "query_key_norm", QueryKeyNorm.NONE))
                .activation(constant(fields, "activation", Activation.SILU))
                .gated(fields.flag("gated", true))
                .biases(biases(required(fields, "biases")))
                .tiedOutput(fields.flag("tied_output", true))
                .mask(
                        fields.has("sliding_window")
                                ? new Mask.SlidingWindow(Math.max(1, fields.integer("sliding_window")))
                                : new Mask.Causal())
                .embeddingScale((float) fields.number("embedding_scale", 1))
                .dropout(new DropoutRates(
                        (float) fields.number("embedding_dropout", 0), (float) fields.number("residual_dropout", 0)))
                .initialDeviation((float) fields.number("initial_deviation"))
                .build();
    }

    private static ConfigFields required(ConfigFields fields, String key) {
        ConfigFields object = fields.object(key);
        if (object == null) {
            fields.problem(key, "expected an object");
            return new ConfigFields(Map.of());
        }
        return object;
    }

    private static <E extends Enum<E>> E constant(ConfigFields fields, String key, E otherwise) {
        String name = fields.text(key, lower(otherwise));
        for (E constant : otherwise.getDeclaringClass().getEnumConstants()) {
            if (lower(constant).equals(name)) {
                return constant;
            }
        }
        fields.problem(
                key,
                "expected one of "
                        + List.of(otherwise.getDeclaringClass().getEnumConstants())
                                .toString()
                                .toLowerCase(Locale.ROOT)
                        + ", found '" + name + "'");
        return otherwise;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Position position(ConfigFields fields) {
        String type = fields.text("type", "");
        return switch (type) {
            case "learned" -> new Position.Learned(fields.integer("offset", 0));
            case "rotary" -> {
                Position.Rotary rotary = RopeFields.read(fields).withDimensions(fields.integer("dimensions"));
                yield fields.flag("interleaved", false) ? rotary.asInterleaved() : rotary;
            }
            case "none" -> new Position.None();
            default -> {
                fields.problem("type", "expected learned, rotary or none, found '" + type + "'");
                yield new Position.None();
            }
        };
    }

    private static NormKind norm(ConfigFields fields) {
        String type = fields.text("type", "");
        float epsilon = (float) fields.number("epsilon", NormKind.EPSILON);
        return switch (type) {
            case "layer" -> new NormKind.Layer(epsilon);
            case "rms" -> new NormKind.Rms(epsilon, (float) fields.number("weight_shift", 0));
            default -> {
                fields.problem("type", "expected layer or rms, found '" + type + "'");
                yield new NormKind.Rms(epsilon, 0);
            }
        };
    }

    private static Biases biases(ConfigFields fields) {
        return new Biases(
                fields.flag("query_key_value", false),
                fields.flag("attention_output", false),
                fields.flag("feed_forward", false),
                fields.flag("norm", false),
                fields.flag("output", false));
    }

    @Override
    public void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        json.put("vocabulary_size", config.vocabularySize());
        json.put("context_length", config.contextLength());
        json.put("layers", config.layers());
        json.put("width", config.width());
        json.put("heads", config.heads());
        json.put("kv_heads", config.kvHeads());
        json.put("head_size", config.headSize());
        json.put("feed_forward_width", config.feedForwardWidth());
        json.put("position", position(config));
        json.put("norm", norm(config.norm()));
        json.put("block_layout", lower(config.blockLayout()));
        json.put("query_key_norm", lower(config.queryKeyNorm()));
        json.put("activation", lower(config.activation()));
        json.put("gated", config.gated());
        json.put("biases", biases(config.biases()));
        json.put("tied_output", config.tiedOutput());
        json.put("sliding_window", config.mask() instanceof Mask.SlidingWindow(int window) ? window : null);
        json.put("embedding_scale", ConfigFields.decimal(config.embeddingScale()));
        json.put("embedding_dropout", ConfigFields.decimal(config.dropout().embedding()));
        json.put("residual_dropout", ConfigFields.decimal(config.dropout().residual()));
        json.put("initial_deviation", ConfigFields.decimal(config.initialDeviation()));
    }

    private static Map<String, @Nullable Object> position(TransformerConfig config) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        switch (config.position()) {
            case Position.Learned(int offset) -> {
                json.put("type", "learned");
                json.put("offset", offset);
            }
            case Position.Rotary(double _, RotaryScaling _, int dimensions, boolean interleaved) -> {
                json.put("type", "rotary");
                json.put("dimensions", dimensions);
                json.put("interleaved", interleaved);
                RopeFields.describe(config, json);
            }
            case Position.None() -> json.put("type", "none");
        }
        return json;
    }

    private static Map<String, @Nullable Object> norm(NormKind norm) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        switch (norm) {
            case NormKind.Layer(float epsilon) -> {
                json.put("type", "layer");
                json.put("epsilon", ConfigFields.decimal(epsilon));
            }
            case NormKind.Rms(float epsilon, float weightShift) -> {
                json.put("type", "rms");
                json.put("epsilon", ConfigFields.decimal(epsilon));
                json.put("weight_shift", ConfigFields.decimal(weightShift));
            }
        }
        return json;
    }

    private static Map<String, @Nullable Object> biases(Biases biases) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("query_key_value", biases.queryKeyValue());
        json.put("attention_output", biases.attentionOutput());
        json.put("feed_forward", biases.feedForward());
        json.put("norm", biases.norm());
        json.put("output", biases.output());
        return json;
    }

    @Override
    public void map(TransformerConfig config, TensorMappings mappings) {
        mappings.identity();
    }
}
