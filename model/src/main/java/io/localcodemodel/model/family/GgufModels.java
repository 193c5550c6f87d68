package io.localcodemodel.model.family;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.file.GgufFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Models in GGUF files: which family a file is of, and its keys as a config.
public final class GgufModels {
    /// Stands among the keys for what a file tells by having no output tensor.
    static final String TIED = "output is tied";

    private static final GgufLlamaFamily LLAMA = new GgufLlamaFamily();

    private GgufModels() {}

    /// The family of a file.
    ///
    /// @throws ModelFormatException if it is not known, or the file holds tensors that cannot be read
    public static Family family(GgufFile file) throws ModelFormatException {
        Object architecture = file.metadata().get("general.architecture");
        if (!GgufLlamaFamily.ARCHITECTURE.equals(architecture)) {
            throw new ModelFormatException(file.path() + ": expected general.architecture llama, found "
                    + (architecture == null ? "none" : "'" + architecture + "'")
                    + ". GGUF models of other architectures cannot be loaded.");
        }
        if (!file.unknownFormats().isEmpty()) {
            Map.Entry<String, String> first =
                    file.unknownFormats().entrySet().iterator().next();
            throw new ModelFormatException(file.path()
                    + ": expected tensors of type F32, F16, BF16, F64, Q8_0, Q4_0, Q4_K, Q5_K or Q6_K, found "
                    + file.unknownFormats().size() + " of other types, such as " + first.getKey() + " in "
                    + first.getValue() + ". Use a file of the model in one of these types.");
        }
        return LLAMA;
    }

    /// The keys of a file, with those that follow from its contents.
    public static Map<String, @Nullable Object> fields(GgufFile file) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(file.metadata());
        if (file.metadata().get("tokenizer.ggml.tokens") instanceof List<?> tokens) {
            fields.putIfAbsent("llama.vocab_size", tokens.size());
        }
        fields.put(TIED, !file.entries().containsKey("output.weight"));
        return fields;
    }

    /// The family of the architecture llama, in which models are written.
    public static Family llama() {
        return LLAMA;
    }

    /// The keys that describe a model of the architecture llama.
    ///
    /// @throws IllegalArgumentException if the architecture has no words for all of the config
    public static Map<String, Object> keys(TransformerConfig config) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        LLAMA.describe(config, fields);
        ConfigFields read = new ConfigFields(fields);
        TransformerConfig back = LLAMA.config(read);
        if (!read.problems().isEmpty() || !back.equals(GgufLlamaFamily.asRead(config, back))) {
            throw new IllegalArgumentException("GGUF of architecture llama has no words for all of " + config
                    + "; it would be read as " + back + ". Save the model as a folder instead.");
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        fields.forEach((key, value) -> {
            if (value != null && !key.equals(TIED)) {
                keys.put(key, value);
            }
        });
        return keys;
    }
}
