package io.localcodemodel.model;

import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.family.Family;
import io.localcodemodel.model.family.GgufModels;
import io.localcodemodel.model.family.TensorMapping;
import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.model.file.GgufWriter;
import io.localcodemodel.model.file.TensorEntry;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A transformer whose matrices are read where they lie in a mapped GGUF file, in whatever format each is stored.
///
/// Nothing is expanded when the file is opened, so that opening takes no longer for a larger model: products decode
/// weights in registers, or a panel of them at a time, and rows of the embedding as tokens ask for them. Only vectors (of
/// norms) and matrices that the file keeps in another order are copied. The weights are frozen; [Transformer#load] reads
/// the same file into trainable floats.
///
/// ```java
/// try (GgufModel model = GgufModel.open(Path.of("model-Q4_K_M.gguf"))) {
///     Transformer transformer = model.transformer();
/// }
/// ```
public final class GgufModel implements MappedModel {
    private final GgufFile file;
    private final Transformer transformer;
    private volatile boolean closed;

    private GgufModel(GgufFile file, Transformer transformer) {
        this.file = file;
        this.transformer = transformer;
    }

    /// Opens a file of the architecture llama with tensors in F32, F16, BF16, F64, Q8_0, Q4_0, Q4_K, Q5_K or Q6_K.
    ///
    /// @throws ModelFormatException if it is damaged, of another architecture, or holds tensors of other formats
    public static GgufModel open(Path path) throws IOException {
        GgufFile file = GgufFile.open(path);
        try {
            Family family = GgufModels.family(file);
            TransformerConfig config = ModelFolder.config(family, path, GgufModels.fields(file));
            return new GgufModel(file, FrozenWeights.read(family, config, path, file));
        } catch (IOException | RuntimeException refused) {
            file.close();
            throw refused;
        }
    }

    /// Writes a model of the architecture llama, in a folder that is made if need be, with all of its matrices in one format and its vectors in F32.
    ///
    /// @param furtherKeys keys beside those that describe the transformer, such as `tokenizer.ggml.tokens`; see
    ///     [GgufWriter#write] for the types of values
    /// @throws IllegalArgumentException if the architecture has no words for the model, or the rows of a matrix are no
    ///     whole number of the format's blocks
    public static void save(Path path, Transformer transformer, BlockFormat format, Map<String, ?> furtherKeys)
            throws IOException {
        save(path, transformer, name -> format, furtherKeys);
    }

    /// Writes a model with a format for each matrix, by the name that GGUF files give it: `token_embd.weight`,
    /// `blk.0.attn_v.weight` and so on.
    ///
    /// @throws IllegalArgumentException as the other `save`
    public static void save(
            Path path, Transformer transformer, Function<String, BlockFormat> formats, Map<String, ?> furtherKeys)
            throws IOException {
        TransformerConfig config = transformer.config();
        Map<String, Object> keys = new LinkedHashMap<>(GgufModels.keys(config));
        keys.putAll(furtherKeys);
        Map<String, Tensor> values = ModelFolder.values(transformer);
        List<GgufWriter.Source> sources = new ArrayList<>();
        for (TensorMapping mapping :
                Families.mappings(GgufModels.llama(), config, Parameter.shapes(transformer.parameters()))) {
            BlockFormat format = mapping.shape().rank() == 2 ? formats.apply(mapping.name()) : BlockFormat.F32;
            Tensor value = ModelFolder.value(values, mapping);
            sources.add(new GgufWriter.Source(
                    mapping.name(), mapping.shape(), format, () -> mapping.extract(value.decoded())));
        }
        GgufModels.furtherTensors(config)
                .forEach((name, tensor) ->
                        sources.add(new GgufWriter.Source(name, tensor.shape(), BlockFormat.F32, () -> tensor)));
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        GgufWriter.write(path, keys, sources);
    }

    @Override
    public Transformer transformer() {
        if (closed) {
            throw FrozenWeights.gone(path());
        }
        return transformer;
    }

    @Override
    public Path path() {
        return file.path();
    }

    /// The keys of the file; the tokenizer is among them.
    public Map<String, Object> metadata() {
        return file.metadata();
    }

    /// For each matrix of the file its format.
    public Map<String, BlockFormat> formats() {
        Map<String, BlockFormat> formats = new LinkedHashMap<>();
        for (TensorEntry entry : file.entries().values()) {
            entry.type().blockFormat().ifPresent(format -> formats.put(entry.name(), format));
        }
        return formats;
    }

    @Override
    public void close() {
        closed = true;
        file.close();
    }
}
