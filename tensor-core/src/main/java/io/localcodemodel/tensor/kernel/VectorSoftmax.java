package io.localcodemodel.tensor.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Exponentials and softmax of a row on SIMD lanes. Each weight is within `1e-6` of its true value, relative, for rows
/// of up to 100 000 elements, besides what the rounding of `scale·x - maximum` to a float means for it.
final class VectorSoftmax {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    /// Elements summed in one go.
    private static final int CHUNK = 2048;

    private VectorSoftmax() {}

    static float exponentials(float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        return exponentials(1f, x, xOffset, shift, out, outOffset, length);
    }

    /// `out[i] = e^(scale·x[i] - shift)` and their sum, summed by chunks so that a long row loses no digits.
    private static float exponentials(
            float scale, float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        float sum = 0;
        for (int i = 0; i < length; i += CHUNK) {
            sum += chunk(scale, x, xOffset + i, shift, out, outOffset + i, Math.min(CHUNK, length - i));
        }
        return sum;
    }

    // The two methods below write [VectorMath#exp] and [LaneSum#of] out. The compiler stops inlining where a method and
    // those around it come to too many nodes, and a vector handed to a method that is called is an object, at each
    // call.
    // These methods hand none on and are too long to be inlined into others, so that cannot happen whoever calls them.

    /// One vector a turn: turns are independent, so the processor overlaps them.
    private static float chunk(
            float scale, float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        FloatVector factor = FloatVector.broadcast(FLOATS, scale);
        FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
        FloatVector sum = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector z =
                    FloatVector.fromArray(FLOATS, x, xOffset + i).mul(factor).sub(shifts);
            FloatVector rounded = z.lanewise(VectorOperators.FMA, VectorMath.LOG2_E, VectorMath.ROUNDER);
            FloatVector n = rounded.sub(VectorMath.ROUNDER);
            FloatVector r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_HIGH), z);
            r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_LOW), r);
            FloatVector q = FloatVector.broadcast(FLOATS, VectorMath.EXP_6)
                    .lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_5));
            q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_4));
            q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_3));
            q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_2));
            FloatVector power = q.lanewise(VectorOperators.FMA, r.mul(r), r).add(1f);
            FloatVector e = rounded.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .add(power.reinterpretAsInts())
                    .reinterpretAsFloats();
            e = z.add(Float.POSITIVE_INFINITY).blend(e, z.compare(VectorOperators.LE, VectorMath.LARGEST_EXPONENT));
            e = e.blend(0f, z.compare(VectorOperators.LT, VectorMath.SMALLEST_EXPONENT));
            e.intoArray(out, outOffset + i);
            sum = sum.add(e);
        }
        if (LANES > 8) {
            sum = sum.add(sum.rearrange(LaneSum.ACROSS_8));
        }
        if (LANES > 4) {
            sum = sum.add(sum.rearrange(LaneSum.ACROSS_4));
        }
        sum = sum.add(sum.rearrange(LaneSum.ACROSS_2));
        float total = sum.add(sum.rearrange(LaneSum.ACROSS_1)).lane(0);
        return i == length ? total : total + rest(scale, x, xOffset + i, shift, out, outOffset + i, length - i);
    }

    /// The same for fewer elements than there are lanes.
    private static float rest(
            float scale, float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        VectorMask<Float> mask = FLOATS.indexInRange(0, length);
        FloatVector z =
                FloatVector.fromArray(FLOATS, x, xOffset, mask).mul(scale).sub(shift);
        FloatVector rounded = z.lanewise(VectorOperators.FMA, VectorMath.LOG2_E, VectorMath.ROUNDER);
        FloatVector n = rounded.sub(VectorMath.ROUNDER);
        FloatVector r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_HIGH), z);
        r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -VectorMath.LN2_LOW), r);
        FloatVector q = FloatVector.broadcast(FLOATS, VectorMath.EXP_6)
                .lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_5));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_4));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_3));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, VectorMath.EXP_2));
        FloatVector power = q.lanewise(VectorOperators.FMA, r.mul(r), r).add(1f);
        FloatVector e = rounded.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, 23)
                .add(power.reinterpretAsInts())
                .reinterpretAsFloats();
        e = z.add(Float.POSITIVE_INFINITY).blend(e, z.compare(VectorOperators.LE, VectorMath.LARGEST_EXPONENT));
        VectorMask<Float> counts = z.compare(VectorOperators.LT, VectorMath.SMALLEST_EXPONENT)
                .not()
                .and(mask);
        e = FloatVector.zero(FLOATS).blend(e, counts);
        e.intoArray(out, outOffset, mask);
        FloatVector sum = e;
        if (LANES > 8) {
            sum = sum.add(sum.rearrange(LaneSum.ACROSS_8));
        }
        if (LANES > 4) {
            sum = sum.add(sum.rearrange(LaneSum.ACROSS_4));
        }
        sum = sum.add(sum.rearrange(LaneSum.ACROSS_2));
        return sum.add(sum.rearrange(LaneSum.ACROSS_1)).lane(0);
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
            if (accumulate) {
                change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)).intoArray(dX, dXOffset + i);
            } else {
                change.intoArray(dX, dXOffset + i);
            }
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector weight =
                    FloatVector.fromArray(FLOATS, y, yOffset + i, mask).mul(scale);
            FloatVector change = FloatVector.fromArray(FLOATS, dY, dYOffset + i, mask)
                    .sub(inner)
                    .mul(weight);
            if (accumulate) {
                change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask))
                        .intoArray(dX, dXOffset + i, mask);
            } else {
                change.intoArray(dX, dXOffset + i, mask);
            }
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
