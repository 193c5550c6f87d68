package io.localcodemodel.model.family;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.RotaryScaling;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.model.file.TensorEntry;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        if (file.entries().containsKey(RotaryFactors.TENSOR)) {
            fields.put(RotaryFactors.TENSOR, rotaryFactors(file));
        }
        return fields;
    }

    private static List<Float> rotaryFactors(GgufFile file) {
        TensorEntry entry = file.entry(RotaryFactors.TENSOR);
        List<Float> factors = new ArrayList<>();
        if (entry.type().readsAsFloats() && entry.shape().size() <= RotaryFactors.MOST) {
            float[] values = new float[entry.shape().size()];
            file.read(entry.name(), values, 0);
            for (float value : values) {
                factors.add(value);
            }
        }
        return factors;
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
        List<String> lost = new ArrayList<>(read.problems());
        lost.addAll(differences(GgufLlamaFamily.asRead(config, back), back));
        if (!lost.isEmpty()) {
            throw new IllegalArgumentException("GGUF of architecture llama has no words for all of this model: "
                    + String.join("; ", lost) + ". Save the model as a folder instead.");
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        fields.forEach((key, value) -> {
            if (value != null && !key.equals(TIED) && !key.equals(RotaryFactors.TENSOR)) {
                keys.put(key, value);
            }
        });
        return keys;
    }

    /// Which choices of a config are others in what would be read.
    private static List<String> differences(TransformerConfig config, TransformerConfig read) {
        List<String> differences = new ArrayList<>();
        for (RecordComponent choice : TransformerConfig.class.getRecordComponents()) {
            try {
                Object ours = choice.getAccessor().invoke(config);
                Object theirs = choice.getAccessor().invoke(read);
                if (!Objects.equals(ours, theirs)) {
                    differences.add(choice.getName() + " is " + ours + ", would be read as " + theirs);
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the accessors of a record are public", e);
            }
        }
        return differences;
    }

    /// The tensors beside the parameters that a file of a model holds: what its frequencies are divided by, for LLaMA 3.1.
    public static Map<String, Tensor> furtherTensors(TransformerConfig config) {
        if (!(config.position() instanceof Position.Rotary rotary)
                || !(rotary.scaling() instanceof RotaryScaling.Llama3 scaling)) {
            return Map.of();
        }
        List<Float> factors = RotaryFactors.of(scaling, rotary.theta(), rotary.dimensions());
        Tensor tensor = Tensor.zeros(Shape.of(factors.size()));
        for (int i = 0; i < factors.size(); i++) {
            tensor.array()[tensor.offset() + i] = factors.get(i);
        }
        return Map.of(RotaryFactors.TENSOR, tensor);
    }
}
