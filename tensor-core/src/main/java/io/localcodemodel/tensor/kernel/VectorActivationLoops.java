package io.localcodemodel.tensor.kernel;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The loops over one activation, which is a constant of the class: [VectorActivations] defines a copy per function.
///
/// A span that is no multiple of the lanes ends with a masked turn of the same loop. A second copy of the body after
/// the loop would be faster by nothing measurable and make the method too large to be inlined whole.
final class VectorActivationLoops implements ActivationLoops {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final Activation FUNCTION = function();

    VectorActivationLoops() {}

    private static Activation function() {
        try {
            return MethodHandles.classData(MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, Activation.class);
        } catch (IllegalAccessException e) {
            throw new LinkageError("the class knows no activation", e);
        }
    }

    @Override
    public void activate(float[] x, int xOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i += LANES) {
            boolean whole = i <= length - LANES;
            FloatVector input = whole
                    ? FloatVector.fromArray(FLOATS, x, xOffset + i)
                    : FloatVector.fromArray(FLOATS, x, xOffset + i, FLOATS.indexInRange(i, length));
            FloatVector value = value(input, core(input, bell(input)));
            if (whole) {
                value.intoArray(out, outOffset + i);
            } else {
                value.intoArray(out, outOffset + i, FLOATS.indexInRange(i, length));
            }
        }
    }

    @Override
    public void activateBackward(
            float[] x,
            int xOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate) {
        for (int i = 0; i < length; i += LANES) {
            boolean whole = i <= length - LANES;
            FloatVector input = whole
                    ? FloatVector.fromArray(FLOATS, x, xOffset + i)
                    : FloatVector.fromArray(FLOATS, x, xOffset + i, FLOATS.indexInRange(i, length));
            FloatVector bell = bell(input);
            FloatVector slope = slope(input, bell, core(input, bell));
            if (whole) {
                FloatVector change =
                        FloatVector.fromArray(FLOATS, dOut, dOutOffset + i).mul(slope);
                (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)) : change)
                        .intoArray(dX, dXOffset + i);
            } else {
                var mask = FLOATS.indexInRange(i, length);
                FloatVector change = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask)
                        .mul(slope);
                (accumulate ? change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask)) : change)
                        .intoArray(dX, dXOffset + i, mask);
            }
        }
    }

    @Override
    public void gate(float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i += LANES) {
            boolean whole = i <= length - LANES;
            FloatVector input = whole
                    ? FloatVector.fromArray(FLOATS, gate, gateOffset + i)
                    : FloatVector.fromArray(FLOATS, gate, gateOffset + i, FLOATS.indexInRange(i, length));
            FloatVector value = value(input, core(input, bell(input)));
            if (whole) {
                value.mul(FloatVector.fromArray(FLOATS, up, upOffset + i)).intoArray(out, outOffset + i);
            } else {
                var mask = FLOATS.indexInRange(i, length);
                value.mul(FloatVector.fromArray(FLOATS, up, upOffset + i, mask)).intoArray(out, outOffset + i, mask);
            }
        }
    }

    @Override
    public void gateBackward(
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
        for (int i = 0; i < length; i += LANES) {
            boolean whole = i <= length - LANES;
            FloatVector input = whole
                    ? FloatVector.fromArray(FLOATS, gate, gateOffset + i)
                    : FloatVector.fromArray(FLOATS, gate, gateOffset + i, FLOATS.indexInRange(i, length));
            FloatVector bell = bell(input);
            FloatVector core = core(input, bell);
            FloatVector slope = slope(input, bell, core);
            FloatVector value = value(input, core);
            if (whole) {
                FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i);
                FloatVector gateChange =
                        d.mul(FloatVector.fromArray(FLOATS, up, upOffset + i)).mul(slope);
                FloatVector upChange = d.mul(value);
                if (accumulate) {
                    gateChange = gateChange.add(FloatVector.fromArray(FLOATS, dGate, dGateOffset + i));
                    upChange = upChange.add(FloatVector.fromArray(FLOATS, dUp, dUpOffset + i));
                }
                gateChange.intoArray(dGate, dGateOffset + i);
                upChange.intoArray(dUp, dUpOffset + i);
            } else {
                var mask = FLOATS.indexInRange(i, length);
                FloatVector d = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask);
                FloatVector gateChange = d.mul(FloatVector.fromArray(FLOATS, up, upOffset + i, mask))
                        .mul(slope);
                FloatVector upChange = d.mul(value);
                if (accumulate) {
                    gateChange = gateChange.add(FloatVector.fromArray(FLOATS, dGate, dGateOffset + i, mask));
                    upChange = upChange.add(FloatVector.fromArray(FLOATS, dUp, dUpOffset + i, mask));
                }
                gateChange.intoArray(dGate, dGateOffset + i, mask);
                upChange.intoArray(dUp, dUpOffset + i, mask);
            }
        }
    }

    /// `e^(-x²/2)` where the function needs it.
    private static FloatVector bell(FloatVector x) {
        return FUNCTION == Activation.GELU_ERF ? VectorMath.bell(x) : x;
    }

    /// The costly part that a function and its derivative have in common: a sigmoid, a tanh, a distribution function.
    private static FloatVector core(FloatVector x, FloatVector bell) {
        if (FUNCTION == Activation.GELU_ERF) {
            return VectorMath.normalDistribution(x, bell);
        }
        if (FUNCTION == Activation.GELU_TANH) {
            return VectorMath.sigmoid(VectorMath.geluArgument(x));
        }
        if (FUNCTION == Activation.SILU || FUNCTION == Activation.SIGMOID) {
            return VectorMath.sigmoid(x);
        }
        return FUNCTION == Activation.TANH ? VectorMath.tanh(x) : x;
    }

    private static FloatVector value(FloatVector x, FloatVector core) {
        return switch (FUNCTION) {
            case IDENTITY, SIGMOID, TANH -> core;
            case GELU_ERF, GELU_TANH, SILU -> x.mul(core);
            case RELU -> positive(x);
            case RELU_SQUARED -> positive(x).mul(positive(x));
        };
    }

    /// The derivative: `(x·Φ)' = Φ + x·φ`, `σ' = σ(1-σ)`, `(x·σ(w))' = σ + x·σ(1-σ)·w'`, `tanh' = 1 - tanh²`.
    private static FloatVector slope(FloatVector x, FloatVector bell, FloatVector core) {
        return switch (FUNCTION) {
            case IDENTITY -> FloatVector.broadcast(FLOATS, 1f);
            case RELU -> FloatVector.zero(FLOATS).blend(1f, x.compare(VectorOperators.GT, 0f));
            case RELU_SQUARED -> positive(x).mul(2f);
            case GELU_ERF -> x.lanewise(VectorOperators.FMA, VectorMath.normalDensity(bell), core);
            case GELU_TANH ->
                x.mul(sigmoidSlope(core)).lanewise(VectorOperators.FMA, VectorMath.geluArgumentSlope(x), core);
            case SILU -> x.lanewise(VectorOperators.FMA, sigmoidSlope(core), core);
            case SIGMOID -> sigmoidSlope(core);
            case TANH -> FloatVector.broadcast(FLOATS, 1f).sub(core.mul(core));
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
