package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// The narrow waist: every arithmetic loop of the library over spans of `float[]`.
///
/// A span is an array, the offset of its first element and a length given once for all spans of a call. Spans of one
/// call either coincide exactly or do not overlap. Offsets and lengths are checked by the callers (the operations), not
/// here. There are two implementations: [ReferenceKernels] is the definition, [VectorKernels] has to agree with it to
/// the tolerances of the contract test. Methods that end in `Row` work on one row of a matrix.
///
/// Implementations are stateless; memory they need comes from the [Scratch] of the worker they run on.
public interface Kernels {
    /// The Vector API implementation where the module `jdk.incubator.vector` is readable, else the reference.
    static Kernels fastest() {
        return KernelChoice.fastest();
    }

    /// The defining implementation.
    static Kernels reference() {
        return ReferenceKernels.INSTANCE;
    }

    /// What to call these kernels in a report, for example `vector-256`.
    String name();

    // ---------------------------------------------------------------- matrix products

    /// `C[m,n]` = (or `+=`) a product of A and B with inner extent `k`, shared by the workers. The result does not depend
    /// on their number.
    ///
    /// @param layout which factor is stored transposed, see [Layout] for the shapes
    /// @param aStride elements from one stored row of A to the next; likewise `bStride`, `cStride`
    /// @param epilogue what is done to each element before it is written
    default void matmul(
            Workers workers,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        matmul(workers, layout, m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue, null);
    }

    /// The same product, with B kept packed in `panels` from one product to the next. Kernels that pack nothing ignore it.
    void matmul(
            Workers workers,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue,
            @Nullable Panels panels);

    /// The same product on the calling worker alone, for use inside a block: attention tiles.
    void matmul(
            Scratch scratch,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue);

    // ---------------------------------------------------------------- further kernels

    /// The kernels over bfloat16 numbers.
    BfloatKernels bfloat();

    /// The kernels over weights in block formats.
    BlockKernels blocks();

    /// The kernels of layer norm and RMS norm.
    NormKernels norms();

    // ---------------------------------------------------------------- sums

    /// `Σ a[i]·b[i]`.
    float dot(float[] a, int aOffset, float[] b, int bOffset, int length);

    /// `Σ x[i]`.
    float sum(float[] x, int offset, int length);

    /// `Σ x[i]²`, added up in double precision per lane block so that norms of large tensors keep their digits.
    double sumOfSquares(float[] x, int offset, int length);

    /// The largest element; negative infinity for an empty span, NaN if one is.
    float maximum(float[] x, int offset, int length);

    // ---------------------------------------------------------------- elementwise

    /// `out[i] = a[i] + b[i]`.
    void add(float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int length);

    /// `y[i] += alpha·x[i]`.
    void axpy(float alpha, float[] x, int xOffset, float[] y, int yOffset, int length);

    /// `x[i] *= alpha`.
    void scale(float alpha, float[] x, int offset, int length);

    /// `out[i] = f(x[i])`.
    void activate(Activation activation, float[] x, int xOffset, float[] out, int outOffset, int length);

    /// `dX[i] (+)= dOut[i]·f'(x[i])`.
    ///
    /// @param accumulate whether to add to `dX` or to assign it; `dX` may be `dOut` when assigning
    void activateBackward(
            Activation activation,
            float[] x,
            int xOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate);

    /// `out[i] = f(gate[i])·up[i]`: SwiGLU with SiLU, GeGLU with GELU (Shazeer 2020).
    void gate(
            Activation activation,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] out,
            int outOffset,
            int length);

    /// `dGate[i] (+)= dOut[i]·up[i]·f'(gate[i])`, `dUp[i] (+)= dOut[i]·f(gate[i])`.
    void gateBackward(
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
            boolean accumulate);

    /// `out[i] (+)= x[i]·m[i]/(1 - probability)` with the mask `m[i]` 0 where
    /// `Randomness.uniform(seed, first + i) < probability` and 1 elsewhere.
    ///
    /// @param out may be `x` when assigning
    void dropout(
            long seed,
            long first,
            float probability,
            float[] x,
            int xOffset,
            float[] out,
            int outOffset,
            int length,
            boolean accumulate);

    // ---------------------------------------------------------------- rows

    /// `out[i] = e^(x[i] - shift)`; returns the sum of what was written. What is below the smallest normal float may be 0.
    float exponentials(float[] x, int xOffset, float shift, float[] out, int outOffset, int length);

    /// `out = softmax(scale·x)`, computed with the maximum taken out; a row of negative infinities gives zeros.
    void softmaxRow(float scale, float[] x, int xOffset, float[] out, int outOffset, int length);

    /// `dX[i] (+)= scale · y[i]·(dY[i] - Σ_j y[j]·dY[j])` for `y = softmax(scale·x)`.
    void softmaxBackwardRow(
            float scale,
            float[] y,
            int yOffset,
            float[] dY,
            int dYOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate);

    /// `dX[i] = y[i]·(dY[i] - inner)`: part of a row of the gradient of a softmax whose `inner = Σ_j y[j]·dY[j]` over the
    /// whole row is known already.
    ///
    /// @param dX may be `dY`
    void softmaxGradientSpan(
            float[] y, int yOffset, float[] dY, int dYOffset, float inner, float[] dX, int dXOffset, int length);

    /// Rotates pairs of one head in place: `(x, y) ← (x·cos - y·sin, x·sin + y·cos)` with the pair `(i, i + pairs)`
    /// (Su et al. 2021, in the half-split order of LLaMA files). Backward is the same with negated `sin`.
    ///
    /// @param sign 1 forward, -1 backward
    /// @param pairs how many pairs; the span holds `2·pairs` elements
    void rotateRow(float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs);

    /// As [#rotateRow] with the pair `(2i, 2i + 1)`.
    void rotateInterleavedRow(float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs);

    // ---------------------------------------------------------------- optimiser

    /// One step of AdamW over a span, see [AdamWStep] for the formula.
    void adamW(
            float[] parameter,
            int parameterOffset,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int mOffset,
            float[] v,
            int vOffset,
            int length,
            AdamWStep step);
}
