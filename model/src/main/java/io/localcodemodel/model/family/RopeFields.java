package io.localcodemodel.model.family;

import io.localcodemodel.model.Position;
import io.localcodemodel.model.RotaryScaling;
import io.localcodemodel.model.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys that say how positions are rotated, shared by the families around LLaMA: `rope_theta` and `rope_scaling`,
/// or both inside `rope_parameters` as newer files have them.
final class RopeFields {
    private RopeFields() {}

    static Position.Rotary read(ConfigFields fields) {
        ConfigFields parameters = fields.object("rope_parameters");
        double theta = parameters != null && parameters.has("rope_theta")
                ? parameters.number("rope_theta")
                : fields.number("rope_theta", Position.Rotary.THETA);
        return Position.Rotary.of(theta).withScaling(scaling(fields));
    }

    /// How many elements of a head are rotated where a key gives the share of them.
    static int part(ConfigFields fields, String key, double otherwise) {
        int usual = fields.integer("hidden_size", 0) / Math.max(1, fields.integer("num_attention_heads", 1));
        int headSize = fields.integer("head_dim", usual);
        return (int) (fields.number(key, otherwise) * headSize);
    }

    /// The scaling that a config asks for.
    static RotaryScaling scaling(ConfigFields config) {
        ConfigFields parameters = config.object("rope_parameters");
        ConfigFields fields = parameters != null ? parameters : config.object("rope_scaling");
        if (fields == null) {
            return new RotaryScaling.Unscaled();
        }
        String key = fields.has("rope_type") ? "rope_type" : "type";
        String type = fields.text(key, "default");
        return switch (type) {
            case "default" -> new RotaryScaling.Unscaled();
            case "linear" -> new RotaryScaling.Linear(fields.number("factor"));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        fields.number("factor"),
                        fields.number("low_freq_factor"),
                        fields.number("high_freq_factor"),
                        fields.integer("original_max_position_embeddings"));
            default -> {
                fields.problem(key, "expected default, linear or llama3, found '" + type + "'");
                yield new RotaryScaling.Unscaled();
            }
        };
    }

    static void describe(TransformerConfig config, Map<String, @Nullable Object> json) {
        if (!(config.position() instanceof Position.Rotary rotary)) {
            return;
        }
        json.put("rope_theta", rotary.theta());
        json.put("rope_scaling", describe(rotary.scaling()));
    }

    private static @Nullable Map<String, Object> describe(RotaryScaling scaling) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (scaling) {
            case RotaryScaling.Unscaled() -> {
                return null;
            }
            case RotaryScaling.Linear(double factor) -> {
                json.put("rope_type", "linear");
                json.put("factor", factor);
            }
            case RotaryScaling.Llama3(double factor, double low, double high, int original) -> {
                json.put("rope_type", "llama3");
                json.put("factor", factor);
                json.put("low_freq_factor", low);
                json.put("high_freq_factor", high);
                json.put("original_max_position_embeddings", original);
            }
        }
        return json;
    }
}
