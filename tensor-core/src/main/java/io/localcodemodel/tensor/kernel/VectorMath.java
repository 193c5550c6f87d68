package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Elementary functions on whole vectors, built from additions, products and one division at most.
///
/// The polynomials are written out call by call: a helper between would count against the size at which the compiler
/// stops inlining, and a vector that leaves its method becomes an object. One method holds two exponentials at most.
///
/// Nothing here leans on `lanewise(EXP)` and its kin, which are machine code on some platforms only. The coefficients
/// were fitted for the least largest relative error (Lawson's reweighted least squares on a Chebyshev grid) and rounded
/// to 32 bits. Error bounds are those of the tests, over dense samples of the arguments; an ulp is the distance of
/// neighbouring floats at the true value. NaN gives NaN.
final class VectorMath {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;

    static final float LOG2_E = 1.442695f;
    /// ln 2 as a sum of two floats, so that `x - n·ln 2` keeps its low bits.
    static final float LN2_HIGH = 0.6931472f;

    static final float LN2_LOW = -1.9046542e-9f;
    /// 1.5·2²³: adding it rounds to the nearest integer and leaves that integer in the low bits.
    static final float ROUNDER = 12_582_912f;

    /// The largest float whose exponential is no greater than the largest float.
    static final float LARGEST_EXPONENT = 0x1.62e42ep6f;
    /// The smallest float whose exponential is a normal float.
    static final float SMALLEST_EXPONENT = -0x1.5d589ep6f;

    // The coefficients of r² to r⁶ in eʳ.
    static final float EXP_2 = 0x1.fffffcp-2f;
    static final float EXP_3 = 0x1.555490p-3f;
    static final float EXP_4 = 0x1.5558f8p-5f;
    static final float EXP_5 = 0x1.123b02p-7f;
    static final float EXP_6 = 0x1.6a2256p-10f;

    private static final float SQRT_2_OVER_PI = 0.7978846f;
    /// The height of the normal density: the density is this times [#bell].
    static final float INVERSE_SQRT_2_PI = 0.3989423f;

    private VectorMath() {}

    /// `eˣ`, to 1.0 ulp; what is below the smallest normal float is 0.
    ///
    /// With `n = round(x/ln 2)` and `r = x - n·ln 2`: `eˣ = 2ⁿ·(1 + r + r²·q(r))`, q of degree 4 fitted on
    /// `|r| ≤ ln(2)/2`. The power is applied by adding n to the exponent's bits, which holds as long as the result is a
    /// normal float.
    static FloatVector exp(FloatVector x) {
        FloatVector rounded = x.lanewise(VectorOperators.FMA, LOG2_E, ROUNDER);
        FloatVector n = rounded.sub(ROUNDER);
        FloatVector r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -LN2_HIGH), x);
        r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(FLOATS, -LN2_LOW), r);
        FloatVector q = FloatVector.broadcast(FLOATS, EXP_6)
                .lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, EXP_5));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, EXP_4));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, EXP_3));
        q = q.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(FLOATS, EXP_2));
        FloatVector power = q.lanewise(VectorOperators.FMA, r.mul(r), r).add(1f);
        FloatVector y = rounded.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, 23)
                .add(power.reinterpretAsInts())
                .reinterpretAsFloats();
        // Infinity above the largest float, and NaN for NaN: neither is at most the bound.
        FloatVector bounded = x.add(Float.POSITIVE_INFINITY).blend(y, x.compare(VectorOperators.LE, LARGEST_EXPONENT));
        return bounded.blend(0f, x.compare(VectorOperators.LT, SMALLEST_EXPONENT));
    }

    /// `σ(x) = 1/(1 + e⁻ˣ)`, to 2.5 ulp where the result is a normal float, else to an absolute 2⁻¹²⁶.
    static FloatVector sigmoid(FloatVector x) {
        return FloatVector.broadcast(FLOATS, 1f).div(exp(x.neg()).add(1f));
    }

    /// `tanh x`, to 5 ulp: `x·P(x²)/Q(x²)`, both of degree 4, fitted on `|x| ≤ 9.01`; ±1 beyond 9.
    static FloatVector tanh(FloatVector x) {
        FloatVector s = x.mul(x);
        FloatVector p = FloatVector.broadcast(FLOATS, 1.3340883e-08f)
                .lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 2.059918e-05f));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 0.0034949875f));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 0.1338052f));
        p = p.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 1f));
        FloatVector q = FloatVector.broadcast(FLOATS, 7.7709325e-07f)
                .lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 0.0003284652f));
        q = q.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 0.025874699f));
        q = q.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 0.46713835f));
        q = q.lanewise(VectorOperators.FMA, s, FloatVector.broadcast(FLOATS, 1f));
        FloatVector y = x.mul(p).div(q);
        return y.blend(1f, x.compare(VectorOperators.GT, 9f)).blend(-1f, x.compare(VectorOperators.LT, -9f));
    }

    /// `Φ(x)`, the distribution function of the standard normal distribution, and by `(1 + erf(x/√2))/2` the error
    /// function: to an absolute 1.2e-7, and for negative x to a relative 2e-7·(1 + x²).
    ///
    /// `Φ(-|x|) = e^(-x²/2)·P(|x|)/Q(|x|)`, of degrees 4 and 5, fitted on `|x| ≤ 14.5`.
    ///
    /// @param bell `e^(-x²/2)`, which the derivative needs as well
    static FloatVector normalDistribution(FloatVector x, FloatVector bell) {
        FloatVector t = x.abs();
        t = t.blend(15f, t.compare(VectorOperators.GT, 15f));
        FloatVector p = FloatVector.broadcast(FLOATS, 0.0041160705f)
                .lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.04063162f));
        p = p.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.18323037f));
        p = p.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.4382885f));
        p = p.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.5f));
        FloatVector q = FloatVector.broadcast(FLOATS, 0.010317339f)
                .lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.101854816f));
        q = q.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 0.46945804f));
        q = q.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 1.2024833f));
        q = q.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 1.674462f));
        q = q.lanewise(VectorOperators.FMA, t, FloatVector.broadcast(FLOATS, 1f));
        FloatVector tail = bell.mul(p).div(q);
        return tail.blend(FloatVector.broadcast(FLOATS, 1f).sub(tail), x.compare(VectorOperators.GT, 0f));
    }

    /// `e^(-x²/2)`.
    static FloatVector bell(FloatVector x) {
        return exp(x.mul(x).mul(-0.5f));
    }

    /// `2u` with `u = √(2/π)·(x + 0.044715·x³)`: the tanh form of GELU is `x·σ(2u)`, since `(1 + tanh u)/2 = σ(2u)`.
    static FloatVector geluArgument(FloatVector x) {
        return x.mul(x.mul(x)
                .lanewise(
                        VectorOperators.FMA,
                        FloatVector.broadcast(FLOATS, 2 * SQRT_2_OVER_PI * 0.044715f),
                        FloatVector.broadcast(FLOATS, 2 * SQRT_2_OVER_PI)));
    }

    /// The derivative of [#geluArgument] for `|x| ≤ 20`, its value there beyond: that is always multiplied by a slope of
    /// σ which has long been zero, and must not be infinite.
    static FloatVector geluArgumentSlope(FloatVector x) {
        FloatVector square = x.mul(x);
        square = square.blend(400f, square.compare(VectorOperators.GT, 400f));
        return square.lanewise(
                VectorOperators.FMA,
                FloatVector.broadcast(FLOATS, 6 * SQRT_2_OVER_PI * 0.044715f),
                FloatVector.broadcast(FLOATS, 2 * SQRT_2_OVER_PI));
    }
}
