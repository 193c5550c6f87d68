package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.Randomness;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Sums over spans, and elementwise arithmetic, on SIMD lanes. A span that is no multiple of the lanes ends with one
/// masked vector; the order of summation depends on the length alone.
final class VectorSpans {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, FLOATS.vectorShape());
    private static final int LANES = FLOATS.length();

    private VectorSpans() {}

    /// Four accumulators, since an addition takes four times as long as it keeps its unit busy.
    static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        if (length < LANES) {
            return shortDot(a, aOffset, b, bOffset, length);
        }
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = FloatVector.zero(FLOATS);
        FloatVector sum2 = FloatVector.zero(FLOATS);
        FloatVector sum3 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= length - 4 * LANES; i += 4 * LANES) {
            sum0 = FloatVector.fromArray(FLOATS, a, aOffset + i)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, b, bOffset + i), Lanes.exact(sum0));
            sum1 = FloatVector.fromArray(FLOATS, a, aOffset + i + LANES)
                    .lanewise(
                            VectorOperators.FMA,
                            FloatVector.fromArray(FLOATS, b, bOffset + i + LANES),
                            Lanes.exact(sum1));
            sum2 = FloatVector.fromArray(FLOATS, a, aOffset + i + 2 * LANES)
                    .lanewise(
                            VectorOperators.FMA,
                            FloatVector.fromArray(FLOATS, b, bOffset + i + 2 * LANES),
                            Lanes.exact(sum2));
            sum3 = FloatVector.fromArray(FLOATS, a, aOffset + i + 3 * LANES)
                    .lanewise(
                            VectorOperators.FMA,
                            FloatVector.fromArray(FLOATS, b, bOffset + i + 3 * LANES),
                            Lanes.exact(sum3));
        }
        for (; i <= length - LANES; i += LANES) {
            sum0 = FloatVector.fromArray(FLOATS, a, aOffset + i)
                    .lanewise(VectorOperators.FMA, FloatVector.fromArray(FLOATS, b, bOffset + i), Lanes.exact(sum0));
        }
        float total =
                LaneSum.of(Lanes.exact(sum0).add(sum1).add(Lanes.exact(sum2).add(sum3)));
        return i == length ? total : total + shortDot(a, aOffset + i, b, bOffset + i, length - i);
    }

    /// [#dot] of fewer elements than there are lanes. The tail is a sum of its own: a vector that comes from one of two
    /// places, the loop or the tail, would be an object at each call.
    private static float shortDot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        VectorMask<Float> mask = FLOATS.indexInRange(0, length);
        return LaneSum.of(
                FloatVector.fromArray(FLOATS, a, aOffset, mask).mul(FloatVector.fromArray(FLOATS, b, bOffset, mask)));
    }

    static float sum(float[] x, int offset, int length) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = FloatVector.zero(FLOATS);
        FloatVector sum2 = FloatVector.zero(FLOATS);
        FloatVector sum3 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= length - 4 * LANES; i += 4 * LANES) {
            sum0 = Lanes.exact(sum0).add(FloatVector.fromArray(FLOATS, x, offset + i));
            sum1 = Lanes.exact(sum1).add(FloatVector.fromArray(FLOATS, x, offset + i + LANES));
            sum2 = Lanes.exact(sum2).add(FloatVector.fromArray(FLOATS, x, offset + i + 2 * LANES));
            sum3 = Lanes.exact(sum3).add(FloatVector.fromArray(FLOATS, x, offset + i + 3 * LANES));
        }
        for (; i <= length - LANES; i += LANES) {
            sum0 = Lanes.exact(sum0).add(FloatVector.fromArray(FLOATS, x, offset + i));
        }
        float total =
                LaneSum.of(Lanes.exact(sum0).add(sum1).add(Lanes.exact(sum2).add(sum3)));
        return i == length ? total : total + shortSum(x, offset + i, length - i);
    }

    /// [#sum] of fewer elements than there are lanes, apart for the reason of [#shortDot].
    private static float shortSum(float[] x, int offset, int length) {
        return LaneSum.of(FloatVector.fromArray(FLOATS, x, offset, FLOATS.indexInRange(0, length)));
    }

    /// Every element is widened before it is squared, so nothing overflows and the sum keeps double precision.
    static double sumOfSquares(float[] x, int offset, int length) {
        int whole = length / (2 * LANES) * (2 * LANES);
        double total = whole == 0 ? 0 : wholeSquares(x, offset, whole);
        for (int i = whole; i < length; i += LANES) {
            total += squares(x, offset + i, Math.min(LANES, length - i));
        }
        return total;
    }

    /// @param length a positive multiple of twice the lanes
    private static double wholeSquares(float[] x, int offset, int length) {
        DoubleVector sum0 = DoubleVector.zero(DOUBLES);
        DoubleVector sum1 = DoubleVector.zero(DOUBLES);
        DoubleVector sum2 = DoubleVector.zero(DOUBLES);
        DoubleVector sum3 = DoubleVector.zero(DOUBLES);
        for (int i = 0; i < length; i += 2 * LANES) {
            FloatVector first = FloatVector.fromArray(FLOATS, x, offset + i);
            FloatVector second = FloatVector.fromArray(FLOATS, x, offset + i + LANES);
            sum0 = addSquare(sum0, first, 0);
            sum1 = addSquare(sum1, first, 1);
            sum2 = addSquare(sum2, second, 0);
            sum3 = addSquare(sum3, second, 1);
        }
        return LaneSum.of(sum0.add(sum1).add(sum2.add(sum3)));
    }

    /// @param length at most the number of lanes
    private static double squares(float[] x, int offset, int length) {
        FloatVector rest = FloatVector.fromArray(FLOATS, x, offset, FLOATS.indexInRange(0, length));
        DoubleVector low = addSquare(DoubleVector.zero(DOUBLES), rest, 0);
        return LaneSum.of(addSquare(low, rest, 1));
    }

    private static DoubleVector addSquare(DoubleVector sum, FloatVector x, int part) {
        DoubleVector wide = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, part);
        return wide.lanewise(VectorOperators.FMA, wide, sum);
    }

    static float maximum(float[] x, int offset, int length) {
        // Two vectors, not one under two names: that one would be an object at every call.
        FloatVector maximum0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        FloatVector maximum1 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= length - 2 * LANES; i += 2 * LANES) {
            maximum0 = Lanes.exact(maximum0).max(FloatVector.fromArray(FLOATS, x, offset + i));
            maximum1 = Lanes.exact(maximum1).max(FloatVector.fromArray(FLOATS, x, offset + i + LANES));
        }
        for (; i < FLOATS.loopBound(length); i += LANES) {
            maximum0 = Lanes.exact(maximum0).max(FloatVector.fromArray(FLOATS, x, offset + i));
        }
        float maximum = Lanes.exact(maximum0).max(maximum1).reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            maximum = Math.max(maximum, x[offset + i]);
        }
        return maximum;
    }

    static void add(float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int length) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector.fromArray(FLOATS, a, aOffset + i)
                    .add(FloatVector.fromArray(FLOATS, b, bOffset + i))
                    .intoArray(out, outOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector.fromArray(FLOATS, a, aOffset + i, mask)
                    .add(FloatVector.fromArray(FLOATS, b, bOffset + i, mask))
                    .intoArray(out, outOffset + i, mask);
        }
    }

    static void axpy(float alpha, float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector.fromArray(FLOATS, x, xOffset + i)
                    .lanewise(VectorOperators.FMA, factor, FloatVector.fromArray(FLOATS, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector.fromArray(FLOATS, x, xOffset + i, mask)
                    .lanewise(VectorOperators.FMA, factor, FloatVector.fromArray(FLOATS, y, yOffset + i, mask))
                    .intoArray(y, yOffset + i, mask);
        }
    }

    static void scale(float alpha, float[] x, int offset, int length) {
        FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector.fromArray(FLOATS, x, offset + i).mul(factor).intoArray(x, offset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector.fromArray(FLOATS, x, offset + i, mask).mul(factor).intoArray(x, offset + i, mask);
        }
    }

    /// Scalar: the random numbers are products of 64-bit integers, which few processors have vectors for. A dropped
    /// element is chosen by masking the bits of the factor, since a branch would be mispredicted at random.
    static void dropout(
            long seed,
            long first,
            float probability,
            float[] x,
            int xOffset,
            float[] out,
            int outOffset,
            int length,
            boolean accumulate) {
        int kept = Float.floatToRawIntBits(1 / (1 - probability));
        long threshold = (long) Math.ceil(probability * 0x1p24);
        for (int i = 0; i < length; i++) {
            long uniform = Randomness.mix(seed + Randomness.GOLDEN * (first + i)) >>> 40;
            int dropped = (int) ((uniform - threshold) >> 63);
            float value = Float.intBitsToFloat(kept & ~dropped) * x[xOffset + i];
            out[outOffset + i] = accumulate ? out[outOffset + i] + value : value;
        }
    }
}
