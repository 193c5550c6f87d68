package io.localcodemodel.model.family;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The families this library knows.
public final class Families {
    private static final Family LLAMA = new LlamaFamily();

    /// In the order in which a model to be saved is offered to them; the last one takes every model.
    private static final List<Family> ALL = List.of(
            LLAMA,
            new Gpt2Family(),
            new MistralFamily(),
            new Qwen2Family(),
            new Qwen3Family(),
            new GemmaFamily(),
            new Olmo2Family(),
            new Starcoder2Family(),
            new PhiFamily(),
            new GptNeoxFamily(),
            new OptFamily(),
            new GptBigCodeFamily(),
            new CodeGenFamily(),
            new NativeFamily());

    private Families() {}

    /// The family of LLaMA, whose tensor names other formats are given.
    public static Family llama() {
        return LLAMA;
    }

    /// The family that a config names.
    ///
    /// @throws ModelFormatException if it names none or one that is not known
    public static Family of(Path file, Map<String, @Nullable Object> json) throws ModelFormatException {
        Object type = json.get("model_type");
        for (Family family : ALL) {
            if (family.modelType().equals(type)) {
                return family;
            }
        }
        throw new ModelFormatException(file + ": expected a model_type of "
                + ALL.stream().map(Family::modelType).toList() + ", found "
                + (type == null ? "none" : "'" + type + "'") + ". Models of other types cannot be loaded.");
    }

    /// The first family that has words for all of a config and names for all parameters.
    public static Family expressing(TransformerConfig config, Map<String, Shape> parameters) {
        for (Family family : ALL) {
            ConfigFields fields = new ConfigFields(json(family, config));
            try {
                if (config.equals(family.config(fields))
                        && fields.problems().isEmpty()
                        && mapped(family, config, parameters).covers()) {
                    return family;
                }
            } catch (IllegalArgumentException conflict) {
                // What this family read back makes no sense, so it has no words for the config.
            }
        }
        throw new IllegalStateException("no family expresses " + config);
    }

    /// The config in a family's words.
    public static Map<String, @Nullable Object> json(Family family, TransformerConfig config) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("architectures", List.of(family.architecture()));
        json.put("model_type", family.modelType());
        json.put("torch_dtype", "float32");
        family.describe(config, json);
        return json;
    }

    /// The family's tensors of a model.
    ///
    /// @param parameters the extents of the model's parameters by name
    public static List<TensorMapping> mappings(Family family, TransformerConfig config, Map<String, Shape> parameters) {
        TensorMappings mappings = mapped(family, config, parameters);
        if (!mappings.covers()) {
            throw new IllegalStateException("family " + family.modelType() + " has no names for all of " + config);
        }
        return mappings.list();
    }

    private static TensorMappings mapped(Family family, TransformerConfig config, Map<String, Shape> parameters) {
        TensorMappings mappings = new TensorMappings(parameters);
        family.map(config, mappings);
        return mappings;
    }
}
