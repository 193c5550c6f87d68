package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.MasterWeights;

/// The weights of a model that mixed precision computes with in bfloat16: the matrices, which products and embeddings
/// read. The vectors of norms and biases are few numbers, and stay floats.
final class HalfWeights {
    private HalfWeights() {}

    /// Splits them; until [#join] the model computes with bfloat16 weights.
    static void split(Compute compute, Transformer model) {
        for (Parameter parameter : model.parameters()) {
            if (parameter.role() != Parameter.Role.VECTOR && MasterWeights.splits(parameter.variable())) {
                MasterWeights.split(compute, parameter.variable());
            }
        }
    }

    /// Joins what is split: the model is again one of floats, exactly as the optimiser left it.
    static void join(Compute compute, Transformer model) {
        for (Parameter parameter : model.parameters()) {
            MasterWeights.join(compute, parameter.variable());
        }
    }
}
