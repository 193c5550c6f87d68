package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// A row of input in 8 bits: per 32 elements `x ≈ s·q` with `s = max|x|/127` and whole `|q| ≤ 127`.
///
/// The numbers `q` are kept as 16-bit lanes, as the products need them. All lies in one array of floats, the memory that
/// a worker lends: first `k/2` floats whose bits are pairs of `q`, then `k/32` scales, then `k/32` sums `s·Σ q`, which
/// stand for the constant that a format adds to all elements of a group.
final class QuantizedInput {
    static final int GROUP = 32;
    /// 1.5·2²³: adding it rounds to the nearest integer and leaves that integer in the low bits.
    private static final float ROUNDER = 12_582_912f;

    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final VectorShape HALF = VectorShape.forBitSize(FLOATS.vectorBitSize() / 2);
    private static final VectorSpecies<Short> HALF_SHORTS = VectorSpecies.of(short.class, HALF);

    private QuantizedInput() {}

    static int length(int k) {
        return k / 2 + 2 * (k / GROUP);
    }

    static int scalesAt(int at, int k) {
        return at + k / 2;
    }

    static int sumsAt(int at, int k) {
        return at + k / 2 + k / GROUP;
    }

    /// NaN and infinity in a group make its scale NaN or infinite, and so the products.
    static void quantize(float[] x, int xOffset, int k, float[] input, int at) {
        for (int group = 0; group < k / GROUP; group++) {
            int first = xOffset + group * GROUP;
            FloatVector largest = FloatVector.zero(FLOATS);
            for (int i = 0; i < GROUP; i += LANES) {
                largest =
                        largest.max(FloatVector.fromArray(FLOATS, x, first + i).abs());
            }
            float scale = largest.reduceLanes(VectorOperators.MAX) / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = 0; i < GROUP; i += LANES) {
                FloatVector rounded =
                        FloatVector.fromArray(FLOATS, x, first + i).mul(inverse).add(ROUNDER);
                sum = sum.add(rounded.sub(ROUNDER));
                IntVector q = rounded.reinterpretAsInts();
                ShortVector narrow = (ShortVector) q.convertShape(VectorOperators.I2S, HALF_SHORTS, 0);
                narrow.reinterpretAsFloats().intoArray(input, at + (group * GROUP + i) / 2);
            }
            input[scalesAt(at, k) + group] = scale;
            // Whole numbers below 2^24: exact in any order.
            input[sumsAt(at, k) + group] = scale * sum.reduceLanes(VectorOperators.ADD);
        }
    }
}
