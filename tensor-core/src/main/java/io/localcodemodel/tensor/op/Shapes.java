package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import org.jspecify.annotations.Nullable;

/// The checks at the door of every operation.
final class Shapes {
    private Shapes() {}

    static void require(String operation, String name, @Nullable Var variable, Shape expected) {
        if (variable != null && !variable.shape().equals(expected)) {
            throw refusal(operation, name, variable, expected);
        }
    }

    static void requireVector(String operation, String name, @Nullable Var variable, int length) {
        if (variable != null && !variable.shape().isVector(length)) {
            throw refusal(operation, name, variable, Shape.of(length));
        }
    }

    static void requireMatrix(String operation, String name, @Nullable Var variable, int rows, int columns) {
        if (variable != null && !variable.shape().isMatrix(rows, columns)) {
            throw refusal(operation, name, variable, Shape.of(rows, columns));
        }
    }

    private static IllegalArgumentException refusal(String operation, String name, Var variable, Shape expected) {
        return new IllegalArgumentException(
                operation + ": expected " + name + " of shape " + expected + ", found " + variable.shape());
    }

    static void requireRank(String operation, String name, Var variable, int rank) {
        if (variable.shape().rank() != rank) {
            throw new IllegalArgumentException(operation + ": expected " + name + " with " + rank
                    + " dimensions, found shape " + variable.shape());
        }
    }

    /// Refuses a row number outside `[0, rows)`.
    static void requireRows(String operation, String name, int[] numbers, int rows) {
        for (int t = 0; t < numbers.length; t++) {
            if (numbers[t] < 0 || numbers[t] >= rows) {
                throw new IllegalArgumentException(
                        operation + ": " + name + " " + numbers[t] + " of token " + t + " is not in [0, " + rows + ")");
            }
        }
    }
}
