package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.jr.ob.JSON;

/// The golden values of single operations in `golden/ops.json`.
record GoldenOps(Map<String, Object> root) {
    static GoldenOps read() {
        try (InputStream in = Objects.requireNonNull(GoldenOps.class.getResourceAsStream("/golden/ops.json"))) {
            return new GoldenOps(JSON.std.mapFrom(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Stream<Entry> entries() {
        return ((List<?>) root.get("ops")).stream().map(entry -> new Entry((Map<?, ?>) entry));
    }

    /// The cases of a table.
    @SuppressWarnings("unchecked")
    Stream<Map<String, Object>> table(String name) {
        Map<String, Object> table = (Map<String, Object>) ((Map<?, ?>) root.get("tables")).get(name);
        return ((List<Map<String, Object>>) table.get("cases")).stream();
    }

    /// One operation with its inputs, its output, the gradient of the output and those of the inputs.
    record Entry(Map<?, ?> json) {
        String op() {
            return (String) json.get("op");
        }

        private Map<?, ?> map(String name) {
            return (Map<?, ?>) json.get(name);
        }

        boolean has(String attribute) {
            return map("attrs").containsKey(attribute);
        }

        float number(String attribute) {
            return ((Number) map("attrs").get(attribute)).floatValue();
        }

        List<String> inputs() {
            return map("inputs").keySet().stream().map(String.class::cast).toList();
        }

        /// The names of the differentiable inputs.
        List<String> gradients() {
            return map("grads").keySet().stream().map(String.class::cast).toList();
        }

        Tensor input(String name) {
            return tensor(map("inputs").get(name));
        }

        int[] integers(String name) {
            List<?> data = (List<?>) ((Map<?, ?>) map("inputs").get(name)).get("data");
            return data.stream().mapToInt(one -> ((Number) one).intValue()).toArray();
        }

        Tensor gradient(String name) {
            return tensor(map("grads").get(name));
        }

        float[] output() {
            return tensor(json.get("output")).array();
        }

        float[] upstream() {
            return tensor(json.get("upstream_grad")).array();
        }

        /// How far single precision took the other framework itself from these numbers.
        float rounding(String what) {
            return ((Number) map("max_abs_f32_minus_f64").get(what)).floatValue();
        }

        private static Tensor tensor(Object json) {
            Map<?, ?> map = (Map<?, ?>) json;
            int[] dimensions = ((List<?>) map.get("shape"))
                    .stream().mapToInt(one -> ((Number) one).intValue()).toArray();
            List<?> data = (List<?>) map.get("data");
            float[] values = new float[data.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = ((Number) data.get(i)).floatValue();
            }
            return Tensor.of(Shape.of(dimensions), values);
        }

        @Override
        public String toString() {
            return op() + " " + json.get("attrs") + " " + json.get("note");
        }
    }
}
