package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// Layer norm and RMS norm of one row of a matrix, over spans as in [Kernels].
public interface NormKernels {
    /// `out[i] = (x[i] - mean)/√(variance + epsilon)·weight[i] + bias[i]` with the biased variance (Ba et al. 2016).
    ///
    /// @param bias may be null
    /// @param statistics receives the mean at `statisticsOffset` and `1/√(variance + epsilon)` after it
    void layerNormRow(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float @Nullable [] bias,
            int biasOffset,
            float[] out,
            int outOffset,
            int length,
            float epsilon,
            float[] statistics,
            int statisticsOffset);

    /// With `x̂ = (x - mean)·r` and `g = dOut·weight`: `dX (+)= r·(g - mean(g) - x̂·mean(g·x̂))`, `dWeight += dOut·x̂`,
    /// `dBias += dOut`.
    ///
    /// @param dBias may be null
    void layerNormBackwardRow(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            float[] dWeight,
            int dWeightOffset,
            float @Nullable [] dBias,
            int dBiasOffset,
            int length,
            float mean,
            float inverseDeviation,
            boolean accumulate);

    /// `out[i] = x[i]·r·(offset + weight[i])` with `r = 1/√(mean(x²) + epsilon)` (Zhang and Sennrich 2019); returns `r`.
    ///
    /// @param weightShift 0, or 1 in families that store the weight as a difference from one
    float rmsNormRow(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float weightShift,
            float[] out,
            int outOffset,
            int length,
            float epsilon);

    /// With `w = weightShift + weight` and `g = dOut·w`: `dX (+)= r·g - x·r³·mean(g·x)`, `dWeight += dOut·x·r`.
    ///
    /// @param inverseRoot what [#rmsNormRow] returned
    void rmsNormBackwardRow(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float weightShift,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            float[] dWeight,
            int dWeightOffset,
            int length,
            float inverseRoot,
            boolean accumulate);
}
