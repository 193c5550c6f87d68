package io.localcodemodel.model.family;

import io.localcodemodel.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects a family's tensors over the parameters of one model.
///
/// A tensor whose parameter the model does not have is left out: a family names its biases without asking whether this
/// model has them.
public final class TensorMappings {
    private final Map<String, Shape> parameters;
    private final Map<String, BitSet> covered = new LinkedHashMap<>();
    private final List<TensorMapping> mappings = new ArrayList<>();

    /// @param parameters their extents by name
    TensorMappings(Map<String, Shape> parameters) {
        this.parameters = parameters;
    }

    /// The tensor `name` is the whole parameter.
    public void whole(String name, String parameter) {
        Shape ours = parameters.get(parameter);
        if (ours != null) {
            rows(name, parameter, 0, ours.dimension(0));
        }
    }

    /// Weight and bias of a norm or a linear map.
    public void both(String name, String parameter) {
        whole(name + ".weight", parameter + ".weight");
        whole(name + ".bias", parameter + ".bias");
    }

    /// The tensor `name` is the parameter's rows `from` to `to - 1`.
    public void rows(String name, String parameter, int from, int to) {
        Shape ours = parameters.get(parameter);
        if (ours != null) {
            int[] dimensions = ours.dimensions();
            dimensions[0] = to - from;
            mappings.add(new TensorMapping(name, Shape.of(dimensions), parameter, ours, from, null, false));
            cover(parameter).set(from, to);
        }
    }

    /// Row `i` of the tensor `name` is row `order[i]` of the parameter.
    public void permuted(String name, String parameter, int[] order) {
        Shape ours = parameters.get(parameter);
        if (ours != null) {
            int[] dimensions = ours.dimensions();
            dimensions[0] = order.length;
            mappings.add(new TensorMapping(name, Shape.of(dimensions), parameter, ours, 0, order, false));
            for (int row : order) {
                cover(parameter).set(row);
            }
        }
    }

    /// The tensor `name` is the parameter, a matrix, transposed.
    public void transposed(String name, String parameter) {
        Shape ours = parameters.get(parameter);
        if (ours != null) {
            int out = ours.dimension(0);
            Shape shape = Shape.of(ours.dimension(1), out);
            mappings.add(new TensorMapping(name, shape, parameter, ours, 0, null, true));
            cover(parameter).set(0, out);
        }
    }

    /// Every parameter is a tensor of its own name.
    public void identity() {
        List.copyOf(parameters.keySet()).forEach(name -> whole(name, name));
    }

    private BitSet cover(String parameter) {
        return covered.computeIfAbsent(parameter, name -> new BitSet());
    }

    /// Whether every row of every parameter has a tensor.
    boolean covers() {
        return parameters.entrySet().stream()
                .allMatch(each ->
                        cover(each.getKey()).cardinality() == each.getValue().dimension(0));
    }

    List<TensorMapping> list() {
        return List.copyOf(mappings);
    }
}
