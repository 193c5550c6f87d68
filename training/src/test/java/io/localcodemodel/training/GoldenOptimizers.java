package io.localcodemodel.training;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.jr.ob.JSON;

/// The reference values of optimisers, computed by another framework in double precision.
final class GoldenOptimizers {
    private GoldenOptimizers() {}

    static List<Map<String, Object>> cases(String optimizer) {
        try (InputStream in = GoldenOptimizers.class.getResourceAsStream("/golden/optimizers.json")) {
            List<Object> all = JSON.std.listFrom(Objects.requireNonNull(in));
            return all.stream()
                    .map(GoldenOptimizers::map)
                    .filter(entry -> entry.get("optimizer").equals(optimizer))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object object) {
        return (Map<String, Object>) object;
    }

    static List<?> list(Object object) {
        return (List<?>) object;
    }

    static float number(Object object) {
        return ((Number) object).floatValue();
    }

    static Tensor tensor(Object object) {
        int[] shape = list(map(object).get("shape")).stream()
                .mapToInt(extent -> ((Number) extent).intValue())
                .toArray();
        List<?> data = list(map(object).get("data"));
        float[] values = new float[data.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(data.get(i));
        }
        return Tensor.of(Shape.of(shape), values);
    }

    /// Adds to the gradient of a leaf, as a backward pass would.
    static void addGradient(Var leaf, Tensor values) {
        Tensor gradient = Pass.recording(Compute.reference(), new Arena()).gradient(leaf);
        Kernels.reference()
                .add(
                        gradient.array(),
                        gradient.offset(),
                        values.array(),
                        values.offset(),
                        gradient.array(),
                        gradient.offset(),
                        values.size());
    }
}
