package io.localcodemodel.tensor.kernel;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The loops over one activation, which is a constant of the class: [VectorActivations] defines a copy per function.
///
/// The derivatives: `(x·Φ)' = Φ + x·φ`, `σ' = σ(1-σ)`, `(x·σ(w))' = σ + x·σ(1-σ)·w'`, `tanh' = 1 - tanh²`.
///
/// Each loop is a method of its own for the compiler: with more than 325 bytecodes it is never inlined. Within a larger method the functions
/// it calls would not be inlined any more (C2's `NodeCountInliningCutoff`), and every vector would be an object.
///
/// A span that is no multiple of the lanes ends with a masked turn of the same loop. A second copy of the body after
/// the loop would be faster by nothing measurable and make the method too large to be inlined whole.
final class VectorActivationLoops implements ActivationLoops {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final Activation FUNCTION = function();
    private static final float[] NONE = {};

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
        forward(x, xOffset, NONE, 0, false, out, outOffset, length);
    }

    @Override
    public void gate(float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length) {
        forward(gate, gateOffset, up, upOffset, true, out, outOffset, length);
    }

    /// `out[i] = f(x[i])`, or `f(x[i])·up[i]`.
    private static void forward(
            float[] x, int xOffset, float[] up, int upOffset, boolean gated, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i += LANES) {
            boolean whole = i <= length - LANES;
            FloatVector input = whole
                    ? FloatVector.fromArray(FLOATS, x, xOffset + i)
                    : FloatVector.fromArray(FLOATS, x, xOffset + i, FLOATS.indexInRange(i, length));
            FloatVector value;
            if (FUNCTION == Activation.GELU_ERF) {
                value = input.mul(VectorMath.normalDistribution(input, VectorMath.bell(input)));
            } else if (FUNCTION == Activation.GELU_TANH) {
                value = input.mul(VectorMath.sigmoid(VectorMath.geluArgument(input)));
            } else if (FUNCTION == Activation.SILU) {
                value = input.mul(VectorMath.sigmoid(input));
            } else if (FUNCTION == Activation.SIGMOID) {
                value = VectorMath.sigmoid(input);
            } else if (FUNCTION == Activation.TANH) {
                value = VectorMath.tanh(input);
            } else {
                value = cheapValue(input);
            }
            if (whole) {
                if (gated) {
                    value.mul(FloatVector.fromArray(FLOATS, up, upOffset + i)).intoArray(out, outOffset + i);
                } else {
                    value.intoArray(out, outOffset + i);
                }
            } else {
                var mask = FLOATS.indexInRange(i, length);
                if (gated) {
                    value.mul(FloatVector.fromArray(FLOATS, up, upOffset + i, mask))
                            .intoArray(out, outOffset + i, mask);
                } else {
                    value.intoArray(out, outOffset + i, mask);
                }
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
            FloatVector inner = FUNCTION == Activation.GELU_TANH ? VectorMath.geluArgumentSlope(input) : input;
            FloatVector bell = FUNCTION == Activation.GELU_ERF ? VectorMath.bell(input) : input;
            FloatVector core = core(input, bell);
            // Nothing below calls a method of ours after an exponential: it would not be inlined any more.
            FloatVector slope;
            if (FUNCTION == Activation.GELU_ERF) {
                slope = input.mul(bell)
                        .lanewise(
                                VectorOperators.FMA, FloatVector.broadcast(FLOATS, VectorMath.INVERSE_SQRT_2_PI), core);
            } else if (FUNCTION == Activation.GELU_TANH) {
                FloatVector change = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
                slope = input.mul(change).lanewise(VectorOperators.FMA, inner, core);
            } else if (FUNCTION == Activation.SILU) {
                FloatVector change = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
                slope = input.lanewise(VectorOperators.FMA, change, core);
            } else if (FUNCTION == Activation.SIGMOID) {
                slope = core.mul(FloatVector.broadcast(FLOATS, 1f).sub(core));
            } else if (FUNCTION == Activation.TANH) {
                slope = FloatVector.broadcast(FLOATS, 1f).sub(core.mul(core));
            } else {
                slope = cheapSlope(input);
            }
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
                slope = cheapSlope(input);
                value = cheapValue(input);
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

    private static FloatVector cheapValue(FloatVector x) {
        return switch (FUNCTION) {
            case RELU -> x.blend(0f, x.compare(VectorOperators.LT, 0f));
            case RELU_SQUARED -> x.mul(x).blend(0f, x.compare(VectorOperators.LT, 0f));
            default -> x;
        };
    }

    private static FloatVector cheapSlope(FloatVector x) {
        return switch (FUNCTION) {
            case RELU -> FloatVector.zero(FLOATS).blend(1f, x.compare(VectorOperators.GT, 0f));
            case RELU_SQUARED -> x.add(x).blend(0f, x.compare(VectorOperators.LT, 0f));
            default -> FloatVector.broadcast(FLOATS, 1f);
        };
    }
}
