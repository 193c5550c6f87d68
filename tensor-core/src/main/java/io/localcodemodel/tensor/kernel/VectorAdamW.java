package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The step of AdamW on SIMD lanes, with the corrections folded into two factors: one root and one division a vector.
///
/// The loops are written out, without methods of their own: after 18,000 nodes of a method the compiler inlines none
/// but the Vector API's (`NodeCountInliningCutoff`), and a vector that goes through a method becomes an object.
final class VectorAdamW {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();

    private VectorAdamW() {}

    /// See [Kernels#adamW]. The elements that fill no vector are computed one by one, with the same operations and so to the same
    /// bits.
    static void floats(
            float[] parameter,
            int parameterOffset,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int mOffset,
            float[] v,
            int vOffset,
            int length,
            AdamWStep step) {
        float fresh1 = 1 - step.beta1();
        float fresh2 = 1 - step.beta2();
        float inverse2 = 1 / step.correction2();
        float rate = step.rate() / step.correction1();
        int i = 0;
        for (; i < FLOATS.loopBound(length); i += LANES) {
            FloatVector g =
                    FloatVector.fromArray(FLOATS, gradient, gradientOffset + i).mul(step.gradientScale());
            FloatVector moment = FloatVector.fromArray(FLOATS, m, mOffset + i)
                    .mul(step.beta1())
                    .add(g.mul(fresh1));
            FloatVector square = FloatVector.fromArray(FLOATS, v, vOffset + i)
                    .mul(step.beta2())
                    .add(g.mul(g).mul(fresh2));
            moment.intoArray(m, mOffset + i);
            square.intoArray(v, vOffset + i);
            FloatVector root = square.mul(inverse2).lanewise(VectorOperators.SQRT);
            FloatVector.fromArray(FLOATS, parameter, parameterOffset + i)
                    .mul(step.kept())
                    .sub(moment.mul(rate).div(root.add(step.epsilon())))
                    .intoArray(parameter, parameterOffset + i);
        }
        for (; i < length; i++) {
            float g = gradient[gradientOffset + i] * step.gradientScale();
            float moment = m[mOffset + i] * step.beta1() + g * fresh1;
            float square = v[vOffset + i] * step.beta2() + g * g * fresh2;
            m[mOffset + i] = moment;
            v[vOffset + i] = square;
            float root = (float) Math.sqrt(square * inverse2);
            parameter[parameterOffset + i] =
                    parameter[parameterOffset + i] * step.kept() - moment * rate / (root + step.epsilon());
        }
    }

    /// See [BfloatKernels#adamW]. Words are joined, moved and split in registers, the first numbers and the second ones of
    /// a vector of words in one turn.
    ///
    static void split(
            float[] words,
            int wordsOffset,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int mOffset,
            float[] v,
            int vOffset,
            int half,
            int length,
            AdamWStep step) {
        FloatVector scale = FloatVector.broadcast(FLOATS, step.gradientScale());
        FloatVector beta1 = FloatVector.broadcast(FLOATS, step.beta1());
        FloatVector beta2 = FloatVector.broadcast(FLOATS, step.beta2());
        FloatVector fresh1 = FloatVector.broadcast(FLOATS, 1 - step.beta1());
        FloatVector fresh2 = FloatVector.broadcast(FLOATS, 1 - step.beta2());
        FloatVector inverse2 = FloatVector.broadcast(FLOATS, 1 / step.correction2());
        FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
        FloatVector kept = FloatVector.broadcast(FLOATS, step.kept());
        FloatVector rate = FloatVector.broadcast(FLOATS, step.rate() / step.correction1());
        int whole = FLOATS.loopBound(length);
        for (int i = 0; i < whole; i += LANES) {
            int highAt = wordsOffset + i;
            int lowAt = highAt + half;
            IntVector high = FloatVector.fromArray(FLOATS, words, highAt).reinterpretAsInts();
            IntVector low = FloatVector.fromArray(FLOATS, words, lowAt).reinterpretAsInts();

            int gAt = gradientOffset + i;
            int mAt = mOffset + i;
            int vAt = vOffset + i;
            FloatVector g = FloatVector.fromArray(FLOATS, gradient, gAt).mul(scale);
            FloatVector moment =
                    FloatVector.fromArray(FLOATS, m, mAt).mul(beta1).add(g.mul(fresh1));
            FloatVector square = FloatVector.fromArray(FLOATS, v, vAt)
                    .mul(beta2)
                    .add(g.mul(g).mul(fresh2));
            moment.intoArray(m, mAt);
            square.intoArray(v, vAt);
            FloatVector root = square.mul(inverse2).lanewise(VectorOperators.SQRT);
            IntVector signed = low.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            FloatVector old =
                    high.lanewise(VectorOperators.LSHL, 16).add(signed).reinterpretAsFloats();
            IntVector first =
                    old.mul(kept).sub(moment.mul(rate).div(root.add(epsilon))).reinterpretAsInts();

            gAt += half;
            mAt += half;
            vAt += half;
            g = FloatVector.fromArray(FLOATS, gradient, gAt).mul(scale);
            moment = FloatVector.fromArray(FLOATS, m, mAt).mul(beta1).add(g.mul(fresh1));
            square = FloatVector.fromArray(FLOATS, v, vAt)
                    .mul(beta2)
                    .add(g.mul(g).mul(fresh2));
            moment.intoArray(m, mAt);
            square.intoArray(v, vAt);
            root = square.mul(inverse2).lanewise(VectorOperators.SQRT);
            old = high.and(VectorBfloat.UPPER)
                    .add(low.lanewise(VectorOperators.ASHR, 16))
                    .reinterpretAsFloats();
            IntVector second =
                    old.mul(kept).sub(moment.mul(rate).div(root.add(epsilon))).reinterpretAsInts();

            first.add(VectorBfloat.HALF)
                    .lanewise(VectorOperators.LSHR, 16)
                    .or(second.add(VectorBfloat.HALF).and(VectorBfloat.UPPER))
                    .reinterpretAsFloats()
                    .intoArray(words, highAt);
            first.and(VectorBfloat.LOWER)
                    .or(second.lanewise(VectorOperators.LSHL, 16))
                    .reinterpretAsFloats()
                    .intoArray(words, lowAt);
        }
        if (whole < length) {
            rest(
                    words,
                    wordsOffset + whole,
                    gradient,
                    gradientOffset + whole,
                    m,
                    mOffset + whole,
                    v,
                    vOffset + whole,
                    half,
                    length - whole,
                    step);
        }
    }

    /// The same for a few words, one thing after the other.
    private static void rest(
            float[] words,
            int wordsOffset,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int mOffset,
            float[] v,
            int vOffset,
            int half,
            int length,
            AdamWStep step) {
        int lows = wordsOffset + half;
        VectorBfloat.INSTANCE.join(words, wordsOffset, words, lows, length);
        floats(words, wordsOffset, gradient, gradientOffset, m, mOffset, v, vOffset, length, step);
        floats(words, lows, gradient, gradientOffset + half, m, mOffset + half, v, vOffset + half, length, step);
        VectorBfloat.INSTANCE.split(words, wordsOffset, words, lows, length);
    }
}
