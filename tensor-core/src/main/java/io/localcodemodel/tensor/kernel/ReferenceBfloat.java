package io.localcodemodel.tensor.kernel;

/// The definition of the kernels over bfloat16 numbers, number by number.
final class ReferenceBfloat implements BfloatKernels {
    static final ReferenceBfloat INSTANCE = new ReferenceBfloat();

    /// Half of the last bit that a bfloat16 keeps.
    private static final int HALF = 0x8000;

    private ReferenceBfloat() {}

    /// The upper 16 bits of the nearest bfloat16.
    private static int rounded(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            // Quiet, so that a fraction of which only lower bits are set does not become that of an infinity.
            return (bits | 0x0040_0000) >>> 16;
        }
        int below = bits >>> 16;
        int rest = bits & 0xFFFF;
        boolean up = rest > HALF || (rest == HALF && (below & 1) == 1);
        return up ? below + 1 : below;
    }

    @Override
    public void roundPairs(
            float[] first,
            int firstOffset,
            float[] second,
            int secondOffset,
            float[] pairs,
            int pairsOffset,
            int length) {
        for (int i = 0; i < length; i++) {
            put(pairs, pairsOffset + i, rounded(second[secondOffset + i]) << 16 | rounded(first[firstOffset + i]));
        }
    }

    @Override
    public void widenFirst(float[] pairs, int pairsOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            put(out, outOffset + i, word(pairs, pairsOffset + i) << 16);
        }
    }

    @Override
    public void widenSecond(float[] pairs, int pairsOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            put(out, outOffset + i, word(pairs, pairsOffset + i) & 0xFFFF_0000);
        }
    }

    @Override
    public void split(float[] first, int firstOffset, float[] second, int secondOffset, int length) {
        for (int i = 0; i < length; i++) {
            int a = word(first, firstOffset + i);
            int b = word(second, secondOffset + i);
            put(first, firstOffset + i, (b + HALF) >>> 16 << 16 | (a + HALF) >>> 16);
            put(second, secondOffset + i, b << 16 | (a & 0xFFFF));
        }
    }

    @Override
    public void join(float[] first, int firstOffset, float[] second, int secondOffset, int length) {
        for (int i = 0; i < length; i++) {
            int high = word(first, firstOffset + i);
            int low = word(second, secondOffset + i);
            put(first, firstOffset + i, (high << 16) + (short) low);
            put(second, secondOffset + i, (high >>> 16 << 16) + (low >> 16));
        }
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
        Kernels floats = Kernels.reference();
        int seconds = wordsOffset + half;
        join(words, wordsOffset, words, seconds, length);
        floats.adamW(words, wordsOffset, gradient, gradientOffset, m, mOffset, v, vOffset, length, step);
        floats.adamW(
                words, seconds, gradient, gradientOffset + half, m, mOffset + half, v, vOffset + half, length, step);
        split(words, wordsOffset, words, seconds, length);
    }

    private static int word(float[] words, int at) {
        return Float.floatToRawIntBits(words[at]);
    }

    private static void put(float[] words, int at, int bits) {
        words[at] = Float.intBitsToFloat(bits);
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
        float[] b = new float[n * k];
        widen(pairs, pairsOffset, Math.ceilDiv(n * k, 2), 0, b, 0, n * k);
        int bStride = layout == Layout.NT ? k : n;
        Kernels.reference()
                .matmul(workers, layout, m, n, k, a, aOffset, aStride, b, 0, bStride, c, cOffset, cStride, epilogue);
    }
}
