package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.LayerNorm;
import io.localcodemodel.tensor.op.RmsNorm;
import org.jspecify.annotations.Nullable;

/// The normalisation of rows that a config chose.
final class Norm {
    private final NormKind kind;
    private final Var weight;
    private final @Nullable Var bias;

    Norm(ParamScope scope, TransformerConfig config) {
        Shape shape = Shape.of(config.width());
        kind = config.norm();
        switch (kind) {
            case NormKind.Layer _ -> {
                weight = scope.parameter("weight", shape, Initial.ONES);
                bias = config.biases().norm() ? scope.parameter("bias", shape, Initial.ZEROS) : null;
            }
            case NormKind.Rms(float _, float weightShift) -> {
                // The first factor is one, whatever of it the shift already gives.
                weight = scope.parameter("weight", shape, (values, seed) -> values.fill(1 - weightShift));
                bias = null;
            }
        }
    }

    Var apply(Pass pass, Var x) {
        return switch (kind) {
            case NormKind.Layer(float epsilon) -> LayerNorm.apply(pass, x, weight, bias, epsilon);
            case NormKind.Rms(float epsilon, float weightShift) -> RmsNorm.apply(pass, x, weight, epsilon, weightShift);
        };
    }
}
