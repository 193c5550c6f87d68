package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// What one matrix product reads and writes; see [Kernels#matmul].
final class Operands {
    private static final float[] NONE = new float[0];

    Layout layout = Layout.NN;
    int m;
    int n;
    int k;
    float[] a = NONE;
    int aOffset;
    int aStride;
    float[] b = NONE;
    int bOffset;
    int bStride;
    /// How many words B takes where it is stored as pairs of bfloat16, else 0; see [BfloatKernels].
    int pairWords;
    /// Where B is kept packed, or null.
    @Nullable
    Panels panels;

    float[] c = NONE;
    int cOffset;
    int cStride;
    /// Whether the sums start from what C holds.
    boolean accumulate;

    private Epilogue epilogue = Epilogue.ASSIGN;
    private boolean addsResidual;

    @SuppressWarnings("ReferenceEquality") // whether the residual is the very span that is written
    void set(
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
        this.layout = layout;
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.aOffset = aOffset;
        this.aStride = aStride;
        this.b = b;
        this.bOffset = bOffset;
        this.bStride = bStride;
        this.pairWords = 0;
        this.panels = null;
        this.c = c;
        this.cOffset = cOffset;
        this.cStride = cStride;
        this.epilogue = epilogue;
        boolean residualIsResult = epilogue.residual() == c && epilogue.residualOffset() == cOffset;
        accumulate = epilogue.accumulate() || residualIsResult;
        addsResidual = epilogue.residual() != null && !residualIsResult;
    }

    boolean isEmpty() {
        return m == 0 || n == 0;
    }

    /// Lets go of the caller's arrays.
    void clear() {
        a = NONE;
        b = NONE;
        panels = null;
        c = NONE;
        epilogue = Epilogue.ASSIGN;
    }

    /// Where element 0 of row `i` of A is, for the inner index `p`: `a[·]` for [Layout#TN] runs over rows from there.
    int aAt(int i, int p) {
        return aOffset + (layout == Layout.TN ? p * aStride + i : i * aStride + p);
    }

    /// Where the element of B for the inner index `p` and column `j` is.
    int bAt(int p, int j) {
        return bOffset + (layout == Layout.NT ? j * bStride + p : p * bStride + j);
    }

    int cAt(int i, int j) {
        return cOffset + i * cStride + j;
    }

    /// Adds bias and residual to a finished part of C, and activates it.
    void finish(int firstRow, int rows, int firstColumn, int columns) {
        float[] bias = epilogue.bias();
        float[] residual = addsResidual ? epilogue.residual() : null;
        if (bias == null && residual == null && epilogue.activated() == null) {
            return;
        }
        for (int row = firstRow; row < firstRow + rows; row++) {
            int at = cAt(row, firstColumn);
            if (bias != null) {
                add(bias, epilogue.biasOffset() + firstColumn, at, columns);
            }
            if (residual != null) {
                add(residual, epilogue.residualOffset() + row * epilogue.residualStride() + firstColumn, at, columns);
            }
            epilogue.activate(VectorKernels.INSTANCE, c, at, row, firstColumn, columns);
        }
    }

    private void add(float[] x, int xAt, int at, int length) {
        VectorSpans.add(c, at, x, xAt, c, at, length);
    }
}
