package io.localcodemodel.model;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A trainable tensor of a model.
///
/// @param name unique in its model, for example `layers.0.attention.qkv.weight`
/// @param variable its value and gradient
/// @param role what it is to an optimiser
/// @param rowGroups how many rows each of the matrices has that are stacked in it: queries, keys and values, or gate and
///     up projection; all rows where it is one matrix
public record Parameter(String name, Var variable, Role role, List<Integer> rowGroups) {
    /// What a parameter is to an optimiser.
    public enum Role {
        /// A table with a row for each token or position, the output projection among them.
        EMBEDDING,
        /// A matrix inside a block.
        HIDDEN,
        /// The weight of a norm, or a bias.
        VECTOR
    }

    /// Checks that the groups cover the rows.
    public Parameter {
        rowGroups = List.copyOf(rowGroups);
        int covered = rowGroups.stream().mapToInt(Integer::intValue).sum();
        int rows = variable.shape().rows();
        if (covered != rows) {
            throw new IllegalArgumentException(
                    "parameter " + name + " has " + rows + " rows, its groups " + rowGroups + " cover " + covered);
        }
    }

    /// The extents of the value.
    public Shape shape() {
        return variable.shape();
    }

    /// The extents of parameters by name.
    static Map<String, Shape> shapes(List<Parameter> parameters) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
        return shapes;
    }

    /// Whether weight decay acts on it: on matrices, not on the vectors of norms and biases.
    public boolean decays() {
        return role != Role.VECTOR;
    }

    @Override
    public String toString() {
        return name + shape();
    }
}
