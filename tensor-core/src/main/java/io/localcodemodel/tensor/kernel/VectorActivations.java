package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Activations and gates on SIMD lanes. A span that is no multiple of the lanes ends with one masked vector.
///
/// The choice of the function stands inside the loops: it goes the same way every time, and the benchmark
/// `RowKernelBenchmark` sees no cost of it.
final class VectorActivations {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();

    private VectorActivations() {}

    static void activate(Activation activation, float[] x, int xOffset, float[] out, int outOffset, int length) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            value(activation, FloatVector.fromArray(FLOATS, x, xOffset + i)).intoArray(out, outOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            value(activation, FloatVector.fromArray(FLOATS, x, xOffset + i, mask))
                    .intoArray(out, outOffset + i, mask);
        }
    }

    static void activateBackward(
            Activation activation,
            float[] x,
            int xOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i);
            FloatVector change = d.mul(slope(activation, FloatVector.fromArray(FLOATS, x, xOffset + i)));
            (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)) : change)
                    .intoArray(dX, dXOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask);
            FloatVector change = d.mul(slope(activation, FloatVector.fromArray(FLOATS, x, xOffset + i, mask)));
            (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask)) : change)
                    .intoArray(dX, dXOffset + i, mask);
        }
    }

    static void gate(
            Activation activation,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] out,
            int outOffset,
            int length) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            value(activation, FloatVector.fromArray(FLOATS, gate, gateOffset + i))
                    .mul(FloatVector.fromArray(FLOATS, up, upOffset + i))
                    .intoArray(out, outOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            value(activation, FloatVector.fromArray(FLOATS, gate, gateOffset + i, mask))
                    .mul(FloatVector.fromArray(FLOATS, up, upOffset + i, mask))
                    .intoArray(out, outOffset + i, mask);
        }
    }

    static void gateBackward(
            Activation activation,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] dOut,
            int dOutOffset,
            float[] dGate,
            int dGateOffset,
            float[] dUp,
            int dUpOffset,
            int length,
            boolean accumulate) {
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + i);
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + i);
            FloatVector shared = shared(activation, g);
            FloatVector gateChange = d.mul(u).mul(slope(activation, g, shared));
            FloatVector upChange = d.mul(value(activation, g, shared));
            if (accumulate) {
                gateChange = gateChange.add(FloatVector.fromArray(FLOATS, dGate, dGateOffset + i));
                upChange = upChange.add(FloatVector.fromArray(FLOATS, dUp, dUpOffset + i));
            }
            gateChange.intoArray(dGate, dGateOffset + i);
            upChange.intoArray(dUp, dUpOffset + i);
        }
        if (i < length) {
            VectorMask<Float> mask = FLOATS.indexInRange(i, length);
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + i, mask);
            FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + i, mask);
            FloatVector shared = shared(activation, g);
            FloatVector gateChange = d.mul(u).mul(slope(activation, g, shared));
            FloatVector upChange = d.mul(value(activation, g, shared));
            if (accumulate) {
                gateChange = gateChange.add(FloatVector.fromArray(FLOATS, dGate, dGateOffset + i, mask));
                upChange = upChange.add(FloatVector.fromArray(FLOATS, dUp, dUpOffset + i, mask));
            }
            gateChange.intoArray(dGate, dGateOffset + i, mask);
            upChange.intoArray(dUp, dUpOffset + i, mask);
        }
    }

    private static FloatVector value(Activation activation, FloatVector x) {
        return value(activation, x, shared(activation, x));
    }

    private static FloatVector slope(Activation activation, FloatVector x) {
        return slope(activation, x, shared(activation, x));
    }

    /// The costly part that a function and its derivative have in common.
    private static FloatVector shared(Activation activation, FloatVector x) {
        return switch (activation) {
            case IDENTITY, RELU, RELU_SQUARED -> x;
            case GELU_ERF -> VectorMath.bell(x);
            case GELU_TANH -> VectorMath.sigmoid(VectorMath.geluArgument(x));
            case SILU, SIGMOID -> VectorMath.sigmoid(x);
            case TANH -> VectorMath.tanh(x);
        };
    }

    private static FloatVector value(Activation activation, FloatVector x, FloatVector shared) {
        return switch (activation) {
            case IDENTITY -> x;
            case RELU -> positive(x);
            case RELU_SQUARED -> positive(x).mul(positive(x));
            case GELU_ERF -> x.mul(VectorMath.normalDistribution(x, shared));
            case GELU_TANH, SILU -> x.mul(shared);
            case SIGMOID, TANH -> shared;
        };
    }

    /// The derivative: `σ' = σ(1-σ)`, `(x·σ(w))' = σ + x·σ(1-σ)·w'`, `(x·Φ)' = Φ + x·φ`, `tanh' = 1 - tanh²`.
    private static FloatVector slope(Activation activation, FloatVector x, FloatVector shared) {
        return switch (activation) {
            case IDENTITY -> FloatVector.broadcast(FLOATS, 1f);
            case RELU -> FloatVector.zero(FLOATS).blend(1f, x.compare(VectorOperators.GT, 0f));
            case RELU_SQUARED -> positive(x).mul(2f);
            case GELU_ERF ->
                x.lanewise(
                        VectorOperators.FMA,
                        VectorMath.normalDensity(shared),
                        VectorMath.normalDistribution(x, shared));
            case GELU_TANH ->
                x.mul(sigmoidSlope(shared)).lanewise(VectorOperators.FMA, VectorMath.geluArgumentSlope(x), shared);
            case SILU -> x.lanewise(VectorOperators.FMA, sigmoidSlope(shared), shared);
            case SIGMOID -> sigmoidSlope(shared);
            case TANH -> FloatVector.broadcast(FLOATS, 1f).sub(shared.mul(shared));
        };
    }

    private static FloatVector sigmoidSlope(FloatVector sigmoid) {
        return sigmoid.mul(FloatVector.broadcast(FLOATS, 1f).sub(sigmoid));
    }

    /// `max(x, 0)` that lets NaN through.
    private static FloatVector positive(FloatVector x) {
        return x.blend(0f, x.compare(VectorOperators.LT, 0f));
    }
}
