package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.Lanes.FLOATS;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The sum of a vector's lanes in one fixed order: lanes that are half a vector apart, then a quarter, and so on.
///
/// `reduceLanes(ADD)` leaves its order open, and the interpreter and the compiler use different ones: the same kernel
/// would give other bits once it is compiled, and two runs with one seed would differ.
final class LaneSum {
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, FLOATS.vectorShape());

    static final VectorShuffle<Float> ACROSS_8 = across(FLOATS, 8);
    static final VectorShuffle<Float> ACROSS_4 = across(FLOATS, 4);
    static final VectorShuffle<Float> ACROSS_2 = across(FLOATS, 2);
    static final VectorShuffle<Float> ACROSS_1 = across(FLOATS, 1);
    private static final VectorShuffle<Double> DOUBLE_ACROSS_4 = across(DOUBLES, 4);
    private static final VectorShuffle<Double> DOUBLE_ACROSS_2 = across(DOUBLES, 2);
    private static final VectorShuffle<Double> DOUBLE_ACROSS_1 = across(DOUBLES, 1);

    private LaneSum() {}

    private static <E> VectorShuffle<E> across(VectorSpecies<E> species, int distance) {
        return VectorShuffle.fromOp(species, lane -> (lane ^ distance) % species.length());
    }

    /// The sum of the lanes of a vector of the species [Lanes#FLOATS].
    static float of(FloatVector v) {
        if (FLOATS.length() > 8) {
            v = v.add(v.rearrange(ACROSS_8));
        }
        if (FLOATS.length() > 4) {
            v = v.add(v.rearrange(ACROSS_4));
        }
        v = v.add(v.rearrange(ACROSS_2));
        return v.add(v.rearrange(ACROSS_1)).lane(0);
    }

    /// The sum of the lanes of a vector as wide as those of [Lanes#FLOATS].
    static double of(DoubleVector v) {
        if (DOUBLES.length() > 4) {
            v = v.add(v.rearrange(DOUBLE_ACROSS_4));
        }
        if (DOUBLES.length() > 2) {
            v = v.add(v.rearrange(DOUBLE_ACROSS_2));
        }
        return v.add(v.rearrange(DOUBLE_ACROSS_1)).lane(0);
    }
}
