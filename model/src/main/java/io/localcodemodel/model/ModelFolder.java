package io.localcodemodel.model;

import io.localcodemodel.model.family.ConfigFields;
import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.family.Family;
import io.localcodemodel.model.family.LoadReport;
import io.localcodemodel.model.family.TensorMapping;
import io.localcodemodel.model.file.FileReplacement;
import io.localcodemodel.model.file.SafetensorsFile;
import io.localcodemodel.model.file.SafetensorsWriter;
import io.localcodemodel.model.file.ShardedSafetensors;
import io.localcodemodel.model.file.TensorEntry;
import io.localcodemodel.model.file.TensorFile;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A model as a folder: `config.json` and `model.safetensors`.
///
/// **Why a mix is never loaded.** A save writes both files under other names, then puts the weights in place, then the
/// config. The config names the checksum of the weights it belongs to ([#WEIGHTS_CHECKSUM]). A reader that finds new
/// weights beside an old config takes the new config from where it still waits; one that finds two that do not belong
/// together refuses them.
final class ModelFolder {
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.safetensors";
    /// The key in the config under which a save leaves the checksum of the weights.
    static final String WEIGHTS_CHECKSUM = "weights_crc32c";

    private ModelFolder() {}

    // ---------------------------------------------------------------- reading

    /// Makes a model of a config and a file.
    @FunctionalInterface
    interface Reading {
        Transformer read(Family family, TransformerConfig config, Path configFile, TensorFile weights)
                throws ModelFormatException;
    }

    static Transformer load(Path folder) throws IOException {
        try (TensorFile weights = openWeights(folder)) {
            return read(folder, weights, ModelFolder::read);
        }
    }

    static Transformer read(Path folder, TensorFile weights, Reading reading) throws IOException {
        Path configFile = configFile(folder, weights);
        Map<String, @Nullable Object> json = Json.read(configFile);
        Family family = Families.of(configFile, json);
        return reading.read(family, config(family, configFile, json), configFile, weights);
    }

    private static void requireModel(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new ModelFormatException(
                    folder + ": expected a folder with " + CONFIG + " and " + WEIGHTS + ", found "
                            + (Files.exists(folder) ? "a file that is neither GGUF nor llama2.c's .bin" : "nothing")
                            + ". Check the path; Transformer.save writes such a folder.");
        }
        List<String> missing = new ArrayList<>();
        if (!Files.isRegularFile(folder.resolve(CONFIG))
                && !Files.isRegularFile(
                        FileReplacement.of(folder.resolve(CONFIG)).pending())) {
            missing.add(CONFIG);
        }
        if (!Files.isRegularFile(folder.resolve(WEIGHTS))
                && !Files.isRegularFile(folder.resolve(ShardedSafetensors.INDEX))) {
            missing.add(WEIGHTS);
        }
        if (!missing.isEmpty()) {
            throw new ModelFormatException(folder + ": no model here: expected " + CONFIG + " and " + WEIGHTS + " (or "
                    + ShardedSafetensors.INDEX + "), missing " + String.join(" and ", missing) + ", found "
                    + listing(folder) + ". Check the path; Transformer.save writes such a folder.");
        }
    }

    private static String listing(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .limit(10)
                    .toList();
            return names.isEmpty() ? "an empty folder" : String.join(", ", names);
        }
    }

    /// The weights of a folder that holds a model.
    static TensorFile openWeights(Path folder) throws IOException {
        requireModel(folder);
        Path single = folder.resolve(WEIGHTS);
        if (!Files.isRegularFile(single)) {
            return ShardedSafetensors.open(folder.resolve(ShardedSafetensors.INDEX));
        }
        SafetensorsFile file = SafetensorsFile.open(single);
        try {
            file.verify();
            return file;
        } catch (IOException | RuntimeException damaged) {
            file.close();
            throw damaged;
        }
    }

    /// The config that belongs to the weights: the one in place, or one that a save could not put in place any more.
    private static Path configFile(Path folder, TensorFile weights) throws IOException {
        Path inPlace = folder.resolve(CONFIG);
        Path pending = FileReplacement.of(inPlace).pending();
        String checksum =
                weights instanceof SafetensorsFile file ? file.metadata().get(SafetensorsWriter.CHECKSUM) : null;
        if (checksum == null) {
            return inPlace;
        }
        Object named = Files.isRegularFile(inPlace) ? Json.read(inPlace).get(WEIGHTS_CHECKSUM) : null;
        if (checksum.equals(named)) {
            return inPlace;
        }
        if (Files.isRegularFile(pending) && checksum.equals(Json.read(pending).get(WEIGHTS_CHECKSUM))) {
            return pending;
        }
        if (named != null) {
            throw new ModelFormatException(inPlace + ": belongs to other weights: expected " + WEIGHTS_CHECKSUM + " "
                    + checksum + ", as " + weights.path().getFileName() + " says, found " + named
                    + ". Put back the file that was saved with it, or remove the key if you know that they fit.");
        }
        return inPlace;
    }

    static TransformerConfig config(Family family, Path file, Map<String, @Nullable Object> json)
            throws ModelFormatException {
        ConfigFields fields = new ConfigFields(json);
        try {
            TransformerConfig config = family.config(fields);
            if (fields.problems().isEmpty()) {
                return config;
            }
        } catch (IllegalArgumentException conflict) {
            if (fields.problems().isEmpty()) {
                throw new ModelFormatException(
                        file + ": as a model of type " + family.modelType() + ": " + conflict.getMessage(), conflict);
            }
        }
        throw ModelFormatException.of(
                file, fields.problems(), "It was read as the config of a model of type " + family.modelType() + ".");
    }

    /// A model of the given config with the values of a file.
    static Transformer read(Family family, TransformerConfig config, Path configFile, TensorFile weights)
            throws ModelFormatException {
        requireSize(config, configFile, weights);
        DecoderTransformer model = new DecoderTransformer(config, ParamScope.zeros());
        List<TensorMapping> mappings = Families.mappings(family, config, Parameter.shapes(model.parameters()));
        Map<TensorMapping, String> names = LoadReport.match(family, config, configFile, mappings, weights);
        Map<String, Tensor> values = values(model);
        names.forEach((mapping, name) -> mapping.fill(weights, name, value(values, mapping)));
        model.parameters().forEach(parameter -> parameter.variable().changed());
        return model;
    }

    static Map<String, Tensor> values(Transformer model) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (Parameter parameter : model.parameters()) {
            values.put(parameter.name(), parameter.variable().value());
        }
        return values;
    }

    /// The parameter of a mapping.
    static Tensor value(Map<String, Tensor> values, TensorMapping mapping) {
        return Objects.requireNonNull(values.get(mapping.parameter()), mapping.parameter());
    }

    /// Refuses a config that asks for far more than the file holds, before anything of that size is made.
    static void requireSize(TransformerConfig config, Path configFile, TensorFile weights) throws ModelFormatException {
        long held = 0;
        for (TensorEntry entry : weights.entries().values()) {
            held += entry.shape().size();
        }
        if (config.parameterCount() / 2 > held) {
            throw new ModelFormatException(configFile + ": does not fit the weights: it asks for "
                    + config.parameterCount() + " parameters (" + config.layers() + " layers of width "
                    + config.width() + ", vocabulary " + config.vocabularySize() + "), "
                    + weights.path().getFileName() + " holds " + held
                    + " numbers. Use the two files that were saved together.");
        }
    }

    // ---------------------------------------------------------------- writing

    static void save(Path folder, DecoderTransformer model) throws IOException {
        Map<String, Shape> shapes = Parameter.shapes(model.parameters());
        Map<String, Tensor> values = values(model);
        Family family = Families.expressing(model.config(), shapes);
        Files.createDirectories(folder);
        FileReplacement weights = FileReplacement.of(folder.resolve(WEIGHTS));
        FileReplacement config = FileReplacement.of(folder.resolve(CONFIG));
        try {
            List<SafetensorsWriter.Source> sources = new ArrayList<>();
            for (TensorMapping mapping : Families.mappings(family, model.config(), shapes)) {
                sources.add(new SafetensorsWriter.Source(
                        mapping.name(),
                        mapping.shape().dimensions(),
                        () -> mapping.extract(value(values, mapping).decoded())));
            }
            // Hugging Face's loader wants to be told the framework.
            String checksum = SafetensorsWriter.writePending(weights, Map.of("format", "pt"), sources);
            Map<String, @Nullable Object> json = Families.json(family, model.config());
            json.put(WEIGHTS_CHECKSUM, checksum);
            config.write(Json.pretty(json).getBytes(StandardCharsets.UTF_8));
            weights.commit();
        } catch (IOException | RuntimeException failed) {
            weights.discard();
            config.discard();
            throw failed;
        }
        config.commit();
    }
}
