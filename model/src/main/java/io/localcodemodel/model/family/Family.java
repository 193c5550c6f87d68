package io.localcodemodel.model.family;

import io.localcodemodel.model.TransformerConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A family of published models: how its `config.json` and its tensor names map onto ours, both ways.
public interface Family {
    /// What `model_type` says in its configs.
    String modelType();

    /// What `architectures` says in its configs.
    String architecture();

    /// Our config for theirs. Keys that are missing or malformed are left to `fields` to complain about.
    ///
    /// @throws IllegalArgumentException if the values contradict each other
    TransformerConfig config(ConfigFields fields);

    /// Writes the keys of a config that [#config] reads, as far as this family has words for it.
    void describe(TransformerConfig config, Map<String, @Nullable Object> json);

    /// Says for each of this family's tensors which of our parameters it is, or which rows.
    void map(TransformerConfig config, TensorMappings mappings);

    /// Another name under which files are known to hold the tensor `name`, or null.
    default @Nullable String otherName(String name) {
        return null;
    }

    /// Whether files are known to hold a tensor of this name that is no parameter.
    default boolean ignores(TransformerConfig config, String name) {
        return false;
    }
}
