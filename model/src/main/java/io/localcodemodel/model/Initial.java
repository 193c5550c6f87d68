package io.localcodemodel.model;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Tensor;

/// What a parameter holds before training.
@FunctionalInterface
public interface Initial {
    /// All zeros.
    Initial ZEROS = (values, seed) -> values.fill(0);
    /// All ones.
    Initial ONES = (values, seed) -> values.fill(1);

    /// Fills `values` with numbers that depend on the seed alone.
    void fill(Tensor values, long seed);

    /// Normally distributed around 0.
    static Initial normal(float standardDeviation) {
        return (values, seed) -> Randomness.fillNormal(values, standardDeviation, seed);
    }
}
