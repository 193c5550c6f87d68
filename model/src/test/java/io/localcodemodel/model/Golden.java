package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.family.Family;
import io.localcodemodel.model.family.TensorMapping;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.CrossEntropy;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A golden fixture: a tiny model with random weights and what an independent framework computes with it.
record Golden(Path folder, Map<String, @Nullable Object> expected) {
    static Golden of(String family) throws IOException {
        Path folder = resource("golden/" + family);
        return new Golden(folder, Json.read(folder.resolve("expected.json")));
    }

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Golden.class.getClassLoader().getResource(name), name)
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Transformer model() throws IOException {
        return Transformer.load(folder);
    }

    TokenBatch batch() {
        return TokenBatch.windows(ids(map(expected.get("inputs")).get("input_ids")));
    }

    /// The label of the next token at each token, since the reference shifts.
    int[] targets() {
        int[][] labels = ids(map(expected.get("inputs")).get("labels"));
        List<Integer> targets = new ArrayList<>();
        for (int[] row : labels) {
            for (int t = 0; t < row.length; t++) {
                targets.add(t + 1 < row.length ? row[t + 1] : CrossEntropy.IGNORE);
            }
        }
        return targets.stream().mapToInt(Integer::intValue).toArray();
    }

    float[] logits() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("logits.bin")))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    double number(String key) {
        return number(expected, key);
    }

    static double number(Map<?, ?> map, String key) {
        return ((Number) Objects.requireNonNull(map.get(key), key)).doubleValue();
    }

    Map<?, ?> object(String key) {
        return map(expected.get(key));
    }

    static Map<?, ?> map(@Nullable Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }

    static int[][] ids(@Nullable Object value) {
        return ((List<?>) Objects.requireNonNull(value))
                .stream()
                        .map(row -> ((List<?>) row)
                                .stream()
                                        .mapToInt(id -> ((Number) id).intValue())
                                        .toArray())
                        .toArray(int[][]::new);
    }

    /// For each of the reference's tensor names the tensor of ours that belongs to it, in its layout.
    Map<String, Tensor> inTheirLayout(Transformer model, Function<Var, Tensor> part) throws IOException {
        Path config = folder.resolve("config.json");
        Family family = Families.of(config, Json.read(config));
        Map<?, ?> names = object("gradients");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Map<String, Var> variables = new LinkedHashMap<>();
        model.parameters().forEach(parameter -> variables.put(parameter.name(), parameter.variable()));
        for (TensorMapping mapping : Families.mappings(family, model.config(), Parameter.shapes(model.parameters()))) {
            String name = names.containsKey(mapping.name()) ? mapping.name() : family.otherName(mapping.name());
            tensors.put(
                    Objects.requireNonNull(name, mapping.name()),
                    mapping.extract(part.apply(variables.get(mapping.parameter()))));
        }
        return tensors;
    }

    /// Compares a tensor with the norm, the product and the first values that the reference gives for it.
    static void assertSummary(String name, Tensor tensor, Map<?, ?> summary, double relative, double absolute) {
        double norm = 0;
        double dot = 0;
        float[] values = tensor.toArray();
        for (int i = 0; i < values.length; i++) {
            norm += (double) values[i] * values[i];
            dot += values[i] * (((i * 2654435761L) & 0xFFFFFFFFL) / 4294967296.0 - 0.5);
        }
        norm = Math.sqrt(norm);
        double expectedNorm = number(summary, "norm");
        double tolerance = relative * expectedNorm + absolute;
        List<Integer> shape = Arrays.stream(tensor.shape().dimensions()).boxed().toList();
        if (!name.startsWith("state")) {
            assertThat(shape).as(name).isEqualTo(summary.get("shape"));
        }
        assertThat(norm).as("norm of " + name).isCloseTo(expectedNorm, within(tolerance));
        assertThat(dot).as("dot of " + name).isCloseTo(number(summary, "dot"), within(tolerance));
        List<?> first = (List<?>) Objects.requireNonNull(summary.get("first8"));
        for (int i = 0; i < first.size(); i++) {
            assertThat((double) values[i])
                    .as("element " + i + " of " + name)
                    .isCloseTo(((Number) Objects.requireNonNull(first.get(i))).doubleValue(), within(tolerance));
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double tolerance) {
        return org.assertj.core.data.Offset.offset(tolerance);
    }

    @Override
    public String toString() {
        return String.valueOf(folder.getFileName());
    }
}
