package io.localcodemodel.model;

import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.family.Family;
import io.localcodemodel.model.family.LoadReport;
import io.localcodemodel.model.family.TensorMapping;
import io.localcodemodel.model.file.TensorFile;
import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.StackedStorage;
import io.localcodemodel.tensor.Storage;
import io.localcodemodel.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Models whose matrices stay in their file, in whatever format each is stored there. Vectors, and matrices that the file
/// keeps in another order, are copied.
final class FrozenWeights {
    private FrozenWeights() {}

    /// A model of the given config with the values of a file, which has to stay open as long as the model is used.
    static Transformer read(Family family, TransformerConfig config, Path configFile, TensorFile file)
            throws ModelFormatException {
        ModelFolder.requireSize(config, configFile, file);
        Map<String, Shape> shapes = ParamScope.shapes(scope -> declare(config, scope));
        Map<TensorMapping, String> names =
                LoadReport.match(family, config, configFile, Families.mappings(family, config, shapes), file);
        Map<String, Tensor> values = values(file, shapes, names);
        return new DecoderTransformer(
                config, ParamScope.frozen(name -> Objects.requireNonNull(values.get(name), name)));
    }

    /// What to throw when somebody asks for a model whose file is closed.
    static IllegalStateException gone(Path path) {
        return new IllegalStateException(
                path + ": the model is closed, and its weights are gone with the file; open it again");
    }

    private static Object declare(TransformerConfig config, ParamScope scope) {
        return new DecoderTransformer(config, scope);
    }

    /// A tensor of the file and the rows of a parameter that it is.
    private record Part(TensorMapping mapping, String name) {}

    /// For each parameter its value: places in the file where it can be read there, else a copy.
    private static Map<String, Tensor> values(
            TensorFile file, Map<String, Shape> shapes, Map<TensorMapping, String> names) {
        Map<String, List<Part>> byParameter = new LinkedHashMap<>();
        names.forEach((mapping, name) -> byParameter
                .computeIfAbsent(mapping.parameter(), _ -> new ArrayList<>())
                .add(new Part(mapping, name)));
        Map<String, Tensor> values = new LinkedHashMap<>();
        shapes.forEach((parameter, shape) -> {
            List<Part> parts = byParameter.getOrDefault(parameter, List.of());
            if (shape.rank() == 2 && parts.stream().allMatch(part -> inPlace(file, part))) {
                values.put(parameter, new Tensor(shape, storage(file, parts)));
            } else {
                Tensor copy = Tensor.zeros(shape);
                parts.forEach(part -> part.mapping().fill(file, part.name(), copy));
                values.put(parameter, copy);
            }
        });
        return values;
    }

    private static boolean inPlace(TensorFile file, Part part) {
        return part.mapping().inOrder()
                && file.entry(part.name()).type().blockFormat().isPresent();
    }

    private static Storage storage(TensorFile file, List<Part> parts) {
        List<BlockStorage> places = parts.stream()
                .sorted(Comparator.comparingInt(part -> part.mapping().firstRow()))
                .map(part -> file.storage(part.name()))
                .toList();
        return places.size() == 1 ? places.getFirst() : new StackedStorage(places);
    }
}
