package io.localcodemodel.tensor.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Exponentials and softmax of a row on SIMD lanes. Each weight is within `3e-6` of its true value, relative, for rows
/// of up to 100 000 elements, besides what the rounding of `scale·x - maximum` to a float means for it.
final class VectorSoftmax {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();

    private VectorSoftmax() {}

    static float exponentials(float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        return exponentials(1f, x, xOffset, shift, out, outOffset, length);
    }

    /// `out[i] = e^(scale·x[i] - shift)` and their sum. Two vectors a turn, since one exponential is a single long chain
    /// of dependent instructions.
    private static float exponentials(
            float scale, float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        int i = 0;
        for (; i <= length - 2 * LANES; i += 2 * LANES) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, xOffset + i);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, xOffset + i + LANES);
            FloatVector e0 = VectorMath.exp(x0.mul(scale).sub(shift));
            FloatVector e1 = VectorMath.exp(x1.mul(scale).sub(shift));
            e0.intoArray(out, outOffset + i);
            e1.intoArray(out, outOffset + i + LANES);
            sum0 = sum0.add(e0);
            sum1 = sum1.add(e1);
        }
        for (; i < length; i += LANES) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector rest = FloatVector.fromArray(FLOATS, x, xOffset + i, mask);
            FloatVector e = VectorMath.exp(rest.mul(scale).sub(shift));
            e.intoArray(out, outOffset + i, mask);
            sum0 = sum0.add(e, mask);
        }
        return LaneSum.of(sum0.add(sum1));
    }

    static void softmaxRow(float scale, float[] x, int xOffset, float[] out, int outOffset, int length) {
        float maximum = scaledMaximum(scale, x, xOffset, length);
        if (maximum == Float.NEGATIVE_INFINITY) {
            // Every element is -∞ or NaN; one NaN makes the row NaN.
            float fill = Float.isNaN(VectorSpans.maximum(x, xOffset, length)) ? Float.NaN : 0;
            Arrays.fill(out, outOffset, outOffset + length, fill);
            return;
        }
        float sum = exponentials(scale, x, xOffset, maximum, out, outOffset, length);
        VectorSpans.scale(1 / sum, out, outOffset, length);
    }

    /// The largest `scale·x[i]`, passing over NaN: comparisons do that for half the price of `max`, and a NaN comes back
    /// through the sum of the exponentials.
    private static float scaledMaximum(float scale, float[] x, int xOffset, int length) {
        FloatVector lowest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        FloatVector maximum0 = lowest;
        FloatVector maximum1 = lowest;
        int i = 0;
        for (; i <= length - 2 * LANES; i += 2 * LANES) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, xOffset + i).mul(scale);
            FloatVector x1 =
                    FloatVector.fromArray(FLOATS, x, xOffset + i + LANES).mul(scale);
            maximum0 = maximum0.blend(x0, x0.compare(VectorOperators.GT, maximum0));
            maximum1 = maximum1.blend(x1, x1.compare(VectorOperators.GT, maximum1));
        }
        for (; i < length; i += LANES) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector rest =
                    FloatVector.fromArray(FLOATS, x, xOffset + i, mask).mul(scale);
            maximum0 = maximum0.blend(
                    rest, rest.compare(VectorOperators.GT, maximum0).and(mask));
        }
        return maximum0.max(maximum1).reduceLanes(VectorOperators.MAX);
    }

    static void softmaxBackwardRow(
            float scale,
            float[] y,
            int yOffset,
            float[] dY,
            int dYOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate) {
        float inner = VectorSpans.dot(y, yOffset, dY, dYOffset, length);
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector weight = FloatVector.fromArray(FLOATS, y, yOffset + i).mul(scale);
            FloatVector change =
                    FloatVector.fromArray(FLOATS, dY, dYOffset + i).sub(inner).mul(weight);
            (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)) : change)
                    .intoArray(dX, dXOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector weight =
                    FloatVector.fromArray(FLOATS, y, yOffset + i, mask).mul(scale);
            FloatVector change = FloatVector.fromArray(FLOATS, dY, dYOffset + i, mask)
                    .sub(inner)
                    .mul(weight);
            (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask)) : change)
                    .intoArray(dX, dXOffset + i, mask);
        }
    }

    static void softmaxGradientSpan(
            float[] y, int yOffset, float[] dY, int dYOffset, float inner, float[] dX, int dXOffset, int length) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector.fromArray(FLOATS, dY, dYOffset + i)
                    .sub(inner)
                    .mul(FloatVector.fromArray(FLOATS, y, yOffset + i))
                    .intoArray(dX, dXOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector.fromArray(FLOATS, dY, dYOffset + i, mask)
                    .sub(inner)
                    .mul(FloatVector.fromArray(FLOATS, y, yOffset + i, mask))
                    .intoArray(dX, dXOffset + i, mask);
        }
    }
}
