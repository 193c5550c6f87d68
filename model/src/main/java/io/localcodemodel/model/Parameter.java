package io.localcodemodel.model;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;

/// A trainable tensor of a model.
///
/// @param name unique in its model, for example `layers.0.attention.qkv.weight`
/// @param variable its value and gradient
/// @param decays whether weight decay acts on it: on matrices, not on the vectors of norms and biases
public record Parameter(String name, Var variable, boolean decays) {
    /// The extents of the value.
    public Shape shape() {
        return variable.shape();
    }

    @Override
    public String toString() {
        return name + shape();
    }
}
