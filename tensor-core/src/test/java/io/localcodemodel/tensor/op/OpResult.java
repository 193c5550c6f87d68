package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.Objects;

/// What one forward and backward of an operation gave.
///
/// @param output the output's elements
/// @param gradients for each input the gradient of the weighted sum of the output
record OpResult(float[] output, float[][] gradients) {
    private static final long DROPOUT_SEED = 11;

    /// Runs a case with weights drawn from a normal distribution.
    static OpResult of(Compute compute, OpCase op, Tensor[] inputs) {
        return of(compute, op.function(), inputs, null);
    }

    /// Runs an operation on memory full of NaN and takes the gradient of `Σ upstream·output`.
    ///
    /// @param upstream the gradient of the output, or null for normally distributed numbers
    static OpResult of(Compute compute, OpCase.Function function, Tensor[] inputs, float[] upstream) {
        Var[] variables = new Var[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            variables[i] = Var.parameter(inputs[i]);
        }
        Arena arena = poisoned();
        float[] output;
        try (Pass pass = Pass.training(compute, arena, DROPOUT_SEED)) {
            Var y = function.apply(pass, variables);
            output = y.value().toArray();
            pass.backward(WeightedSum.apply(pass, y, upstream == null ? weights(y.shape()) : upstream));
        }
        if (arena.usedBytes() != 0) {
            throw new AssertionError("the operation kept " + arena.usedBytes() + " bytes of the arena");
        }
        float[][] gradients = new float[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            gradients[i] = Objects.requireNonNull(variables[i].gradient()).toArray();
        }
        return new OpResult(output, gradients);
    }

    /// The output alone.
    static float[] forward(Compute compute, OpCase.Function function, Tensor[] inputs) {
        Var[] variables = new Var[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            variables[i] = Var.constant(inputs[i]);
        }
        try (Pass pass = Pass.training(compute, poisoned(), DROPOUT_SEED)) {
            return function.apply(pass, variables).value().toArray();
        }
    }

    static float[] weights(Shape shape) {
        Tensor weights = Tensor.zeros(shape);
        Randomness.fillNormal(weights, 1, 5);
        return weights.array();
    }

    /// An arena whose memory holds NaN, so that an operation that reads what it has not written is seen.
    static Arena poisoned() {
        Arena arena = new Arena();
        Tensor all = arena.allocate(Shape.of(1 << 20));
        all.fill(Float.NaN);
        arena.release(all);
        return arena;
    }
}
