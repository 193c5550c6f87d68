package io.localcodemodel.tensor.kernel;

/// Kernels over bfloat16 numbers that lie in pairs: two of them in the bits of one `float`.
///
/// A bfloat16 is the upper half of a 32-bit float: 1 sign, 8 exponent and 7 fraction bits (Kalamkar et al. 2019, "A study
/// of BFLOAT16 for deep learning training"). The Vector API has no arithmetic on it, so it is a way to *store* numbers in
/// half the memory; computing happens in 32 bits. A *pair* is a word of 32 bits whose lower half is one bfloat16, the
/// *first*, and whose upper half is another, the *second*. In a sequence of `n` numbers stored as pairs, with
/// `h = ⌈n/2⌉`, word `i` holds the numbers `i` and `h + i`; so a run of neighbours is read with one shift or one mask
/// for each vector, and nothing has to be interleaved.
///
/// Words travel in `float[]`, the type of all buffers. They are only ever loaded, stored and copied, which keeps every
/// bit, never computed with as floats.
///
/// **Split floats.** A 32-bit float can also be split without loss into a bfloat16 and the 16 bits that are missing
/// ("Split-SGD-BF16" of the same paper): `bits = (high << 16) + low` with `low` read as a signed number, `high` being the
/// nearest bfloat16, the one away from zero of two that are equally near. Products read the high halves, an optimiser
/// joins both.
public interface BfloatKernels {
    /// `pairs[i]` = the nearest bfloat16 of `first[i]` and that of `second[i]`, of two equally near the even one; a NaN
    /// stays one, what is too large becomes infinite.
    void roundPairs(
            float[] first,
            int firstOffset,
            float[] second,
            int secondOffset,
            float[] pairs,
            int pairsOffset,
            int length);

    /// `out[i]` = the first number of `pairs[i]`.
    void widenFirst(float[] pairs, int pairsOffset, float[] out, int outOffset, int length);

    /// `out[i]` = the second number of `pairs[i]`.
    void widenSecond(float[] pairs, int pairsOffset, float[] out, int outOffset, int length);

    /// Splits two spans of floats in place: afterwards `first` holds the pairs of the high halves, `second` those of the
    /// low halves.
    void split(float[] first, int firstOffset, float[] second, int secondOffset, int length);

    /// Takes back [#split], bit for bit.
    void join(float[] first, int firstOffset, float[] second, int secondOffset, int length);

    /// One AdamW step as [Kernels#adamW] over split weights, which are joined and split again on the way. Of a tensor of
    /// `2·half` numbers the span takes a run of words, so of numbers `i` and as many `half + i`.
    ///
    /// @param wordsOffset where the pairs of high halves begin; those of low halves follow `half` words later
    /// @param gradientOffset where the gradients of the first numbers of the pairs begin; those of the second follow
    ///     `half` elements later, as they do in both moments
    /// @param length how many words
    void adamW(
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
            AdamWStep step);

    /// `C[m,n]` = (or `+=`) a product as [Kernels#matmul], whose B is a whole matrix without gaps, stored as pairs.
    ///
    /// @param pairs the `⌈n·k/2⌉` words of B from `pairsOffset` on, B being `[n,k]` for [Layout#NT], else `[k,n]`
    void product(
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
            Epilogue epilogue);

    /// Widens a run of neighbours out of a sequence that is stored as pairs.
    ///
    /// @param half how many words the sequence takes
    /// @param from the first number of the run
    default void widen(float[] pairs, int pairsOffset, int half, int from, float[] out, int outOffset, int length) {
        int firsts = Math.clamp((long) half - from, 0, length);
        if (firsts > 0) {
            widenFirst(pairs, pairsOffset + from, out, outOffset, firsts);
        }
        if (firsts < length) {
            widenSecond(pairs, pairsOffset + from + firsts - half, out, outOffset + firsts, length - firsts);
        }
    }
}
