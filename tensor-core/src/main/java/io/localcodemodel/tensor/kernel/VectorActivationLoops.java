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
            FloatVector value = value(input);
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
            FloatVector slope = slope(input);
            if (whole) {
                FloatVector change =
                        FloatVector.fromArray(FLOATS, dOut, dOutOffset + i).mul(slope);
                if (accumulate) {
                    change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i)).intoArray(dX, dXOffset + i);
                } else {
                    change.intoArray(dX, dXOffset + i);
                }
            } else {
                var mask = FLOATS.indexInRange(i, length);
                FloatVector change = FloatVector.fromArray(FLOATS, dOut, dOutOffset + i, mask)
                        .mul(slope);
                if (accumulate) {
                    change.add(FloatVector.fromArray(FLOATS, dX, dXOffset + i, mask))
                            .intoArray(dX, dXOffset + i, mask);
                } else {
                    change.intoArray(dX, dXOffset + i, mask);
                }
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
            FloatVector value = value(input);
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
            FloatVector inner = FUNCTION == Activation.GELU_TANH ? VectorMath.geluArgumentSlope(input) : input;
            FloatVector bell = FUNCTION == Activation.GELU_ERF ? VectorMath.bell(input) : input;
            FloatVector core = core(input, bell);
            // Nothing below calls a method of ours after an exponential: it would not be inlined any more.
            FloatVector slope = core;
            FloatVector value = core;
            if (FUNCTION == Activation.GELU_ERF) {
                slope = input.mul(bell)
                        .lanewise(
                                VectorOperators.FMA, FloatVector.broadcast(FLOATS, VectorMath.INVERSE_SQRT_2_PI), core);
                value = input.mul(core);
            } else if (FUNCTION == Activation.GELU_TANH) {
                FloatVector change = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
                slope = input.mul(change).lanewise(VectorOperators.FMA, inner, core);
                value = input.mul(core);
            } else if (FUNCTION == Activation.SILU) {
                FloatVector change = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
                slope = input.lanewise(VectorOperators.FMA, change, core);
                value = input.mul(core);
            } else if (FUNCTION == Activation.SIGMOID) {
                slope = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
            } else if (FUNCTION == Activation.TANH) {
                slope = FloatVector.broadcast(FLOATS, 1f).sub(core.mul(core));
            } else {
                slope = slope(input);
                value = value(input);
            }
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

    /// The costly part that a function and its derivative have in common: a distribution function, a sigmoid, a tanh.
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

    private static FloatVector value(FloatVector x) {
        return switch (FUNCTION) {
            case IDENTITY -> x;
            case RELU -> x.blend(0f, x.compare(VectorOperators.LT, 0f));
            case RELU_SQUARED -> x.mul(x).blend(0f, x.compare(VectorOperators.LT, 0f));
            case GELU_ERF -> x.mul(VectorMath.normalDistribution(x, VectorMath.bell(x)));
            case GELU_TANH -> x.mul(VectorMath.sigmoid(VectorMath.geluArgument(x)));
            case SILU -> x.mul(VectorMath.sigmoid(x));
            case SIGMOID -> VectorMath.sigmoid(x);
            case TANH -> VectorMath.tanh(x);
        };
    }

    /// The derivative: `(x·Φ)' = Φ + x·φ`, `σ' = σ(1-σ)`, `(x·σ(w))' = σ + x·σ(1-σ)·w'`, `tanh' = 1 - tanh²`.
    private static FloatVector slope(FloatVector x) {
        return switch (FUNCTION) {
            case IDENTITY -> FloatVector.broadcast(FLOATS, 1f);
            case RELU -> FloatVector.zero(FLOATS).blend(1f, x.compare(VectorOperators.GT, 0f));
            case RELU_SQUARED -> x.add(x).blend(0f, x.compare(VectorOperators.LT, 0f));
            case GELU_ERF -> {
                FloatVector bell = VectorMath.bell(x);
                FloatVector factor = FloatVector.broadcast(FLOATS, VectorMath.INVERSE_SQRT_2_PI);
                yield x.mul(bell).lanewise(VectorOperators.FMA, factor, VectorMath.normalDistribution(x, bell));
            }
            case GELU_TANH -> {
                FloatVector inner = VectorMath.geluArgumentSlope(x);
                FloatVector sigmoid = VectorMath.sigmoid(VectorMath.geluArgument(x));
                FloatVector change =
                        sigmoid.mul(FloatVector.broadcast(FLOATS, 1f).sub(sigmoid));
                yield x.mul(change).lanewise(VectorOperators.FMA, inner, sigmoid);
            }
            case SILU -> {
                FloatVector sigmoid = VectorMath.sigmoid(x);
                FloatVector change =
                        sigmoid.mul(FloatVector.broadcast(FLOATS, 1f).sub(sigmoid));
                yield x.lanewise(VectorOperators.FMA, change, sigmoid);
            }
            case SIGMOID -> {
                FloatVector sigmoid = VectorMath.sigmoid(x);
                yield sigmoid.mul(FloatVector.broadcast(FLOATS, 1f).sub(sigmoid));
            }
            case TANH -> {
                FloatVector tanh = VectorMath.tanh(x);
                yield FloatVector.broadcast(FLOATS, 1f).sub(tanh.mul(tanh));
            }
        };
    }
}
