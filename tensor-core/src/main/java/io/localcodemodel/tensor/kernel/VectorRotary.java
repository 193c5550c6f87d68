package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Rotary position embedding of one head on SIMD lanes.
final class VectorRotary {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();

    /// Neighbours change places.
    private static final VectorShuffle<Float> SWAPPED = VectorShuffle.fromOp(FLOATS, i -> i ^ 1);
    /// Each lane of the lower half twice; [#UPPER_TWICE] likewise.
    private static final VectorShuffle<Float> LOWER_TWICE = VectorShuffle.fromOp(FLOATS, i -> i / 2);

    private static final VectorShuffle<Float> UPPER_TWICE = VectorShuffle.fromOp(FLOATS, i -> (LANES + i) / 2);
    /// The signs of the sine: minus for the first of a pair.
    private static final float[] SIGNS = signs();

    private VectorRotary() {}

    private static float[] signs() {
        float[] signs = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            signs[i] = i % 2 == 0 ? -1 : 1;
        }
        return signs;
    }

    static void rotateRow(float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        int i = 0;
        for (; i < FLOATS.loopBound(pairs); i += LANES) {
            FloatVector c = FloatVector.fromArray(FLOATS, cos, tableOffset + i);
            FloatVector s = FloatVector.fromArray(FLOATS, sin, tableOffset + i).mul(sign);
            FloatVector a = FloatVector.fromArray(FLOATS, x, offset + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, offset + pairs + i);
            a.mul(c).sub(b.mul(s)).intoArray(x, offset + i);
            a.mul(s).add(b.mul(c)).intoArray(x, offset + pairs + i);
        }
        if (i < pairs) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, pairs);
            FloatVector c = FloatVector.fromArray(FLOATS, cos, tableOffset + i, mask);
            FloatVector s =
                    FloatVector.fromArray(FLOATS, sin, tableOffset + i, mask).mul(sign);
            FloatVector a = FloatVector.fromArray(FLOATS, x, offset + i, mask);
            FloatVector b = FloatVector.fromArray(FLOATS, x, offset + pairs + i, mask);
            a.mul(c).sub(b.mul(s)).intoArray(x, offset + i, mask);
            a.mul(s).add(b.mul(c)).intoArray(x, offset + pairs + i, mask);
        }
    }

    static void rotateInterleavedRow(
            float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        FloatVector signs = FloatVector.fromArray(FLOATS, SIGNS, 0).mul(sign);
        int i = 0;
        for (; i < FLOATS.loopBound(pairs); i += LANES) {
            FloatVector c = FloatVector.fromArray(FLOATS, cos, tableOffset + i);
            FloatVector s = FloatVector.fromArray(FLOATS, sin, tableOffset + i);
            int at = offset + 2 * i;
            rotatePairs(
                    x, at, c.rearrange(LOWER_TWICE), s.rearrange(LOWER_TWICE).mul(signs));
            rotatePairs(
                    x,
                    at + LANES,
                    c.rearrange(UPPER_TWICE),
                    s.rearrange(UPPER_TWICE).mul(signs));
        }
        for (; i < pairs; i++) {
            float c = cos[tableOffset + i];
            float s = sin[tableOffset + i] * sign;
            float a = x[offset + 2 * i];
            float b = x[offset + 2 * i + 1];
            x[offset + 2 * i] = a * c - b * s;
            x[offset + 2 * i + 1] = a * s + b * c;
        }
    }

    private static void rotatePairs(float[] x, int at, FloatVector cos, FloatVector signedSin) {
        FloatVector pair = FloatVector.fromArray(FLOATS, x, at);
        pair.mul(cos).add(pair.rearrange(SWAPPED).mul(signedSin)).intoArray(x, at);
    }
}
