package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// The definition of the norms: plain loops in index order.
final class ReferenceNorms implements NormKernels {
    static final ReferenceNorms INSTANCE = new ReferenceNorms();

    private ReferenceNorms() {}

    @Override
    public void layerNormRow(
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
            int statisticsOffset) {
        float mean = ReferenceKernels.INSTANCE.sum(x, xOffset, length) / length;
        float squares = 0;
        for (int i = 0; i < length; i++) {
            float centred = x[xOffset + i] - mean;
            squares += centred * centred;
        }
        float inverseDeviation = (float) (1 / Math.sqrt(squares / length + epsilon));
        for (int i = 0; i < length; i++) {
            float normal = (x[xOffset + i] - mean) * inverseDeviation;
            out[outOffset + i] = normal * weight[weightOffset + i] + (bias == null ? 0 : bias[biasOffset + i]);
        }
        statistics[statisticsOffset] = mean;
        statistics[statisticsOffset + 1] = inverseDeviation;
    }

    @Override
    public void layerNormBackwardRow(
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
            boolean accumulate) {
        float meanG = 0;
        float meanGx = 0;
        for (int i = 0; i < length; i++) {
            float g = dOut[dOutOffset + i] * weight[weightOffset + i];
            meanG += g;
            meanGx += g * (x[xOffset + i] - mean) * inverseDeviation;
        }
        meanG /= length;
        meanGx /= length;
        for (int i = 0; i < length; i++) {
            float normal = (x[xOffset + i] - mean) * inverseDeviation;
            float d = dOut[dOutOffset + i];
            dWeight[dWeightOffset + i] += d * normal;
            if (dBias != null) {
                dBias[dBiasOffset + i] += d;
            }
            float change = inverseDeviation * (d * weight[weightOffset + i] - meanG - normal * meanGx);
            dX[dXOffset + i] = accumulate ? dX[dXOffset + i] + change : change;
        }
    }

    @Override
    public float rmsNormRow(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float weightShift,
            float[] out,
            int outOffset,
            int length,
            float epsilon) {
        float inverseRoot = (float)
                (1 / Math.sqrt(ReferenceKernels.INSTANCE.dot(x, xOffset, x, xOffset, length) / length + epsilon));
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = x[xOffset + i] * inverseRoot * (weightShift + weight[weightOffset + i]);
        }
        return inverseRoot;
    }

    @Override
    public void rmsNormBackwardRow(
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
            boolean accumulate) {
        float inner = 0;
        for (int i = 0; i < length; i++) {
            inner += dOut[dOutOffset + i] * (weightShift + weight[weightOffset + i]) * x[xOffset + i];
        }
        float pull = inverseRoot * inverseRoot * inverseRoot * inner / length;
        for (int i = 0; i < length; i++) {
            float d = dOut[dOutOffset + i];
            float change = inverseRoot * d * (weightShift + weight[weightOffset + i]) - x[xOffset + i] * pull;
            dWeight[dWeightOffset + i] += d * x[xOffset + i] * inverseRoot;
            dX[dXOffset + i] = accumulate ? dX[dXOffset + i] + change : change;
        }
    }
}
