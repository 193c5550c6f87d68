package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The kernels over bfloat16 numbers on SIMD lanes: words are vectors of integers, so a number is rounded with an
/// addition and widened with a shift or a mask. Spans end with one masked vector.
final class VectorBfloat implements BfloatKernels {
    static final VectorBfloat INSTANCE = new VectorBfloat();

    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final VectorSpecies<Integer> WORDS = VectorSpecies.of(int.class, S.vectorShape());
    private static final int L = S.length();
    static final int UPPER = 0xFFFF_0000;
    static final int LOWER = 0xFFFF;
    static final int HALF = 0x8000;
    private static final int QUIET = 0x0040_0000;

    private VectorBfloat() {}

    @Override
    public void roundPairs(
            float[] first,
            int firstOffset,
            float[] second,
            int secondOffset,
            float[] pairs,
            int pairsOffset,
            int length) {
        int whole = S.loopBound(length);
        for (int i = 0; i < whole; i += L) {
            IntVector a = rounded(FloatVector.fromArray(S, first, firstOffset + i));
            IntVector b = rounded(FloatVector.fromArray(S, second, secondOffset + i));
            pair(a, b).intoArray(pairs, pairsOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = S.indexInRange(whole, length);
            IntVector a = rounded(FloatVector.fromArray(S, first, firstOffset + whole, rest));
            IntVector b = rounded(FloatVector.fromArray(S, second, secondOffset + whole, rest));
            pair(a, b).intoArray(pairs, pairsOffset + whole, rest);
        }
    }

    /// The bits with the nearest bfloat16 in the upper half and anything in the lower.
    private static IntVector rounded(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        VectorMask<Integer> nan = x.compare(VectorOperators.NE, x).cast(WORDS);
        return bits.add(odd).add(HALF - 1).blend(bits.or(QUIET), nan);
    }

    private static FloatVector pair(IntVector first, IntVector second) {
        return first.lanewise(VectorOperators.LSHR, 16).or(second.and(UPPER)).reinterpretAsFloats();
    }

    @Override
    public void widenFirst(float[] pairs, int pairsOffset, float[] out, int outOffset, int length) {
        int whole = S.loopBound(length);
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, pairs, pairsOffset + i)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(out, outOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = S.indexInRange(whole, length);
            FloatVector.fromArray(S, pairs, pairsOffset + whole, rest)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(out, outOffset + whole, rest);
        }
    }

    @Override
    public void widenSecond(float[] pairs, int pairsOffset, float[] out, int outOffset, int length) {
        int whole = S.loopBound(length);
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromArray(S, pairs, pairsOffset + i)
                    .reinterpretAsInts()
                    .and(UPPER)
                    .reinterpretAsFloats()
                    .intoArray(out, outOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = S.indexInRange(whole, length);
            FloatVector.fromArray(S, pairs, pairsOffset + whole, rest)
                    .reinterpretAsInts()
                    .and(UPPER)
                    .reinterpretAsFloats()
                    .intoArray(out, outOffset + whole, rest);
        }
    }

    @Override
    public void split(float[] first, int firstOffset, float[] second, int secondOffset, int length) {
        int whole = S.loopBound(length);
        for (int i = 0; i < whole; i += L) {
            IntVector a = FloatVector.fromArray(S, first, firstOffset + i).reinterpretAsInts();
            IntVector b = FloatVector.fromArray(S, second, secondOffset + i).reinterpretAsInts();
            pair(a.add(HALF), b.add(HALF)).intoArray(first, firstOffset + i);
            lows(a, b).intoArray(second, secondOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = S.indexInRange(whole, length);
            IntVector a =
                    FloatVector.fromArray(S, first, firstOffset + whole, rest).reinterpretAsInts();
            IntVector b =
                    FloatVector.fromArray(S, second, secondOffset + whole, rest).reinterpretAsInts();
            pair(a.add(HALF), b.add(HALF)).intoArray(first, firstOffset + whole, rest);
            lows(a, b).intoArray(second, secondOffset + whole, rest);
        }
    }

    private static FloatVector lows(IntVector a, IntVector b) {
        return a.and(LOWER).or(b.lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats();
    }

    @Override
    public void join(float[] first, int firstOffset, float[] second, int secondOffset, int length) {
        int whole = S.loopBound(length);
        for (int i = 0; i < whole; i += L) {
            IntVector high = FloatVector.fromArray(S, first, firstOffset + i).reinterpretAsInts();
            IntVector low = FloatVector.fromArray(S, second, secondOffset + i).reinterpretAsInts();
            joinedFirst(high, low).intoArray(first, firstOffset + i);
            joinedSecond(high, low).intoArray(second, secondOffset + i);
        }
        if (whole < length) {
            VectorMask<Float> rest = S.indexInRange(whole, length);
            IntVector high =
                    FloatVector.fromArray(S, first, firstOffset + whole, rest).reinterpretAsInts();
            IntVector low =
                    FloatVector.fromArray(S, second, secondOffset + whole, rest).reinterpretAsInts();
            joinedFirst(high, low).intoArray(first, firstOffset + whole, rest);
            joinedSecond(high, low).intoArray(second, secondOffset + whole, rest);
        }
    }

    private static FloatVector joinedFirst(IntVector high, IntVector low) {
        IntVector signed = low.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        return high.lanewise(VectorOperators.LSHL, 16).add(signed).reinterpretAsFloats();
    }

    private static FloatVector joinedSecond(IntVector high, IntVector low) {
        return high.and(UPPER).add(low.lanewise(VectorOperators.ASHR, 16)).reinterpretAsFloats();
    }

    @Override
    public void adamW(
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
        VectorAdamW.split(words, wordsOffset, gradient, gradientOffset, m, mOffset, v, vOffset, half, length, step);
    }

    @Override
    public void product(
            Workers workers,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] pairs,
            int pairsOffset,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        Scratch scratch = workers.borrow();
        try {
            VectorMatmul product = VectorMatmul.of(scratch);
            int bStride = layout == Layout.NT ? k : n;
            product.operands()
                    .set(
                            layout,
                            m,
                            n,
                            k,
                            a,
                            aOffset,
                            aStride,
                            pairs,
                            pairsOffset,
                            bStride,
                            c,
                            cOffset,
                            cStride,
                            epilogue);
            product.operands().pairWords = Math.ceilDiv(n * k, 2);
            product.run(workers, scratch);
        } finally {
            workers.giveBack(scratch);
        }
    }
}
