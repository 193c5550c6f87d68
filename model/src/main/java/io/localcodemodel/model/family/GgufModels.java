package io.localcodemodel.model.family;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.file.GgufFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Models in GGUF files: which family a file is of, and its keys as a config.
public final class GgufModels {
    /// Stands among the keys for what a file tells by having no output tensor.
    static final String TIED = "output is tied";

    private static final Family LLAMA = new GgufLlamaFamily();

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
        if (!file.blockFormats().isEmpty()) {
            Map.Entry<String, String> first =
                    file.blockFormats().entrySet().iterator().next();
            throw new ModelFormatException(file.path() + ": expected tensors of type F32, F16, BF16 or F64, found "
                    + file.blockFormats().size() + " in block formats, such as " + first.getKey() + " in "
                    + first.getValue() + ". Use a file of the model with type F16 or F32.");
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
}
