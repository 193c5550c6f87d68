package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Layer norm and RMS norm of a row on SIMD lanes. Sums run over two or four accumulators; a row that is no multiple of
/// the lanes ends with one masked vector.
final class VectorNorms implements NormKernels {
    static final VectorNorms INSTANCE = new VectorNorms();

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();

    private VectorNorms() {}

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
        float mean = VectorSpans.sum(x, xOffset, length) / length;
        float squares = centredSquares(x, xOffset, length, mean);
        float inverseDeviation = (float) (1 / Math.sqrt(squares / length + epsilon));
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector normal =
                    FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(inverseDeviation);
            FloatVector scaled = normal.mul(FloatVector.fromArray(FLOATS, weight, weightOffset + i));
            if (bias == null) {
                scaled.intoArray(out, outOffset + i);
            } else {
                scaled.add(FloatVector.fromArray(FLOATS, bias, biasOffset + i)).intoArray(out, outOffset + i);
            }
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector normal = FloatVector.fromArray(FLOATS, x, xOffset + i, mask)
                    .sub(mean)
                    .mul(inverseDeviation);
            FloatVector scaled = normal.mul(FloatVector.fromArray(FLOATS, weight, weightOffset + i, mask));
            if (bias == null) {
                scaled.intoArray(out, outOffset + i, mask);
            } else {
                scaled.add(FloatVector.fromArray(FLOATS, bias, biasOffset + i, mask))
                        .intoArray(out, outOffset + i, mask);
            }
        }
        statistics[statisticsOffset] = mean;
        statistics[statisticsOffset + 1] = inverseDeviation;
    }

    /// `Σ (x[i] - mean)²`.
    private static float centredSquares(float[] x, int xOffset, int length, float mean) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= length - 2 * LANES; i += 2 * LANES) {
            FloatVector c0 = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean);
            FloatVector c1 =
                    FloatVector.fromArray(FLOATS, x, xOffset + i + LANES).sub(mean);
            sum0 = c0.lanewise(VectorOperators.FMA, c0, Lanes.exact(sum0));
            sum1 = c1.lanewise(VectorOperators.FMA, c1, Lanes.exact(sum1));
        }
        for (; i <= length - LANES; i += LANES) {
            FloatVector c = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean);
            sum0 = c.lanewise(VectorOperators.FMA, c, Lanes.exact(sum0));
        }
        float total = LaneSum.of(Lanes.exact(sum0).add(sum1));
        return i == length ? total : total + shortCentredSquares(x, xOffset + i, length - i, mean);
    }

    /// [#centredSquares] of fewer elements than there are lanes, apart for the reason of [VectorSpans#shortDot].
    private static float shortCentredSquares(float[] x, int xOffset, int length, float mean) {
        VectorMask<Float> mask = FLOATS.indexInRange(0, length);
        FloatVector c = FloatVector.fromArray(FLOATS, x, xOffset, mask).sub(mean, mask);
        return LaneSum.of(c.mul(c));
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
        // In parts: as one method it is too large for the first compiler, and so is never profiled for the second.
        float meanG = VectorSpans.dot(dOut, dOutOffset, weight, weightOffset, length) / length;
        float meanGx = centredProduct(x, xOffset, mean, weight, weightOffset, dOut, dOutOffset, length)
                * inverseDeviation
                / length;
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector normal =
                    FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(inverseDeviation);
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i);
            FloatVector g = d.mul(FloatVector.fromArray(FLOATS, weight, weightOffset + i));
            FloatVector change = g.sub(meanG).sub(normal.mul(meanGx)).mul(inverseDeviation);
            if (accumulate) {
                change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)).intoArray(dX, dXOffset + i);
            } else {
                change.intoArray(dX, dXOffset + i);
            }
            d.lanewise(VectorOperators.FMA, normal, FloatVector.fromArray(FLOATS, dWeight, dWeightOffset + i))
                    .intoArray(dWeight, dWeightOffset + i);
            if (dBias != null) {
                d.add(FloatVector.fromArray(FLOATS, dBias, dBiasOffset + i)).intoArray(dBias, dBiasOffset + i);
            }
        }
        if (i < length) {
            layerNormBackwardTail(
                    x,
                    xOffset,
                    weight,
                    weightOffset,
                    dOut,
                    dOutOffset,
                    dX,
                    dXOffset,
                    dWeight,
                    dWeightOffset,
                    dBias,
                    dBiasOffset,
                    i,
                    length,
                    mean,
                    inverseDeviation,
                    meanG,
                    meanGx,
                    accumulate);
        }
    }

    /// The elements from `i` on, fewer than there are lanes.
    private static void layerNormBackwardTail(
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
            int i,
            int length,
            float mean,
            float inverseDeviation,
            float meanG,
            float meanGx,
            boolean accumulate) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, length);
        FloatVector normal =
                FloatVector.fromArray(FLOATS, x, xOffset + i, mask).sub(mean).mul(inverseDeviation);
        FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask);
        FloatVector g = d.mul(FloatVector.fromArray(FLOATS, weight, weightOffset + i, mask));
        FloatVector change = g.sub(meanG).sub(normal.mul(meanGx)).mul(inverseDeviation);
        if (accumulate) {
            change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask)).intoArray(dX, dXOffset + i, mask);
        } else {
            change.intoArray(dX, dXOffset + i, mask);
        }
        d.lanewise(VectorOperators.FMA, normal, FloatVector.fromArray(FLOATS, dWeight, dWeightOffset + i, mask))
                .intoArray(dWeight, dWeightOffset + i, mask);
        if (dBias != null) {
            d.add(FloatVector.fromArray(FLOATS, dBias, dBiasOffset + i, mask)).intoArray(dBias, dBiasOffset + i, mask);
        }
    }

    /// `Σ dOut[i]·weight[i]·(x[i] - mean)`.
    private static float centredProduct(
            float[] x,
            int xOffset,
            float mean,
            float[] weight,
            int weightOffset,
            float[] dOut,
            int dOutOffset,
            int length) {
        FloatVector sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i)
                    .mul(FloatVector.fromArray(FLOATS, weight, weightOffset + i));
            FloatVector centred = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean);
            sum = g.lanewise(VectorOperators.FMA, centred, Lanes.exact(sum));
        }
        float product = LaneSum.of(Lanes.exact(sum));
        for (; i < length; i++) {
            product += dOut[dOutOffset + i] * weight[weightOffset + i] * (x[xOffset + i] - mean);
        }
        return product;
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
        float squares = VectorSpans.dot(x, xOffset, x, xOffset, length);
        float inverseRoot = (float) (1 / Math.sqrt(squares / length + epsilon));
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector w =
                    FloatVector.fromArray(FLOATS, weight, weightOffset + i).add(weightShift);
            FloatVector.fromArray(FLOATS, x, xOffset + i)
                    .mul(inverseRoot)
                    .mul(w)
                    .intoArray(out, outOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector w = FloatVector.fromArray(FLOATS, weight, weightOffset + i, mask)
                    .add(weightShift);
            FloatVector.fromArray(FLOATS, x, xOffset + i, mask)
                    .mul(inverseRoot)
                    .mul(w)
                    .intoArray(out, outOffset + i, mask);
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
        float inner = innerProduct(x, xOffset, weight, weightOffset, weightShift, dOut, dOutOffset, length);
        float pull = inverseRoot * inverseRoot * inverseRoot * inner / length;
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i).mul(inverseRoot);
            FloatVector input = FloatVector.fromArray(FLOATS, x, xOffset + i);
            FloatVector w =
                    FloatVector.fromArray(FLOATS, weight, weightOffset + i).add(weightShift);
            FloatVector change = d.mul(w).sub(input.mul(pull));
            d.lanewise(VectorOperators.FMA, input, FloatVector.fromArray(FLOATS, dWeight, dWeightOffset + i))
                    .intoArray(dWeight, dWeightOffset + i);
            if (accumulate) {
                change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)).intoArray(dX, dXOffset + i);
            } else {
                change.intoArray(dX, dXOffset + i);
            }
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector d =
                    FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask).mul(inverseRoot);
            FloatVector input = FloatVector.fromArray(FLOATS, x, xOffset + i, mask);
            FloatVector w = FloatVector.fromArray(FLOATS, weight, weightOffset + i, mask)
                    .add(weightShift);
            FloatVector change = d.mul(w).sub(input.mul(pull));
            d.lanewise(VectorOperators.FMA, input, FloatVector.fromArray(FLOATS, dWeight, dWeightOffset + i, mask))
                    .intoArray(dWeight, dWeightOffset + i, mask);
            if (accumulate) {
                change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask))
                        .intoArray(dX, dXOffset + i, mask);
            } else {
                change.intoArray(dX, dXOffset + i, mask);
            }
        }
    }

    /// `Σ dOut[i]·(weightShift + weight[i])·x[i]`.
    private static float innerProduct(
            float[] x,
            int xOffset,
            float[] weight,
            int weightOffset,
            float weightShift,
            float[] dOut,
            int dOutOffset,
            int length) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= length - 2 * LANES; i += 2 * LANES) {
            FloatVector w0 =
                    FloatVector.fromArray(FLOATS, weight, weightOffset + i).add(weightShift);
            FloatVector w1 = FloatVector.fromArray(FLOATS, weight, weightOffset + i + LANES)
                    .add(weightShift);
            FloatVector g0 = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i).mul(w0);
            FloatVector g1 =
                    FloatVector.fromArray(FLOATS, dOut, dOutOffset + i + LANES).mul(w1);
            sum0 = g0.lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, x, xOffset + i), Lanes.exact(sum0));
            sum1 = g1.lanewise(
                    VectorOperators.FMA, FloatVector.fromArray(FLOATS, x, xOffset + i + LANES), Lanes.exact(sum1));
        }
        for (; i <= length - LANES; i += LANES) {
            FloatVector w =
                    FloatVector.fromArray(FLOATS, weight, weightOffset + i).add(weightShift);
            FloatVector g = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i).mul(w);
            sum0 = g.lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, x, xOffset + i), Lanes.exact(sum0));
        }
        float product = LaneSum.of(Lanes.exact(sum0).add(sum1));
        for (; i < length; i++) {
            product += dOut[dOutOffset + i] * (weightShift + weight[weightOffset + i]) * x[xOffset + i];
        }
        return product;
    }
}
