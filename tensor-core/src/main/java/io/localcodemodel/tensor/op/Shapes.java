package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import org.jspecify.annotations.Nullable;

/// The checks at the door of every operation.
final class Shapes {
    private Shapes() {}

    static void require(String operation, String name, @Nullable Var variable, Shape expected) {
        if (variable != null && !variable.shape().equals(expected)) {
            throw new IllegalArgumentException(
                    operation + ": expected " + name + " of shape " + expected + ", found " + variable.shape());
        }
    }

    static void requireRank(String operation, String name, Var variable, int rank) {
        if (variable.shape().rank() != rank) {
            throw new IllegalArgumentException(operation + ": expected " + name + " with " + rank
                    + " dimensions, found shape " + variable.shape());
        }
    }
}
