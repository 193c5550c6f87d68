package io.localcodemodel.training;

import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Scratch;

/// Brings the singular values of a matrix near 1 without computing them (the quintic iteration of Jordan et al. 2024).
///
/// `X = X/(‖X‖ + ε)`, then repeatedly `M = X·Xᵀ`, `X = aX + (bM + cM²)·X`. For a matrix with more rows than columns the
/// same is done on the other side, `M = Xᵀ·X`, `X = aX + X·(bM + cM²)`, which is the transpose of the above: the square
/// matrices have the smaller extent either way.
final class NewtonSchulz {
    private NewtonSchulz() {}

    /// Orthogonalises the matrix in a scratch slot.
    ///
    /// @param slot the scratch slot that holds the `rows × columns` matrix; the three after it are used too
    /// @return the array that holds the result from index 0: that of `slot` or of the one after it
    static float[] orthogonalise(Kernels kernels, Scratch scratch, int slot, int rows, int columns, int iterations) {
        int size = rows * columns;
        int side = Math.min(rows, columns);
        float[] x = scratch.floats(slot, size);
        float[] next = scratch.floats(slot + 1, size);
        float[] gram = scratch.floats(slot + 2, side * side);
        float[] polynomial = scratch.floats(slot + 3, side * side);
        kernels.scale((float) (1 / (Math.sqrt(kernels.sumOfSquares(x, 0, size)) + Muon.EPSILON)), x, 0, size);
        for (int i = 0; i < iterations; i++) {
            if (rows <= columns) {
                product(kernels, scratch, Layout.NT, side, side, columns, x, columns, x, columns, gram, side);
            } else {
                product(kernels, scratch, Layout.TN, side, side, rows, x, columns, x, columns, gram, side);
            }
            product(kernels, scratch, Layout.NN, side, side, side, gram, side, gram, side, polynomial, side);
            kernels.scale(Muon.C, polynomial, 0, side * side);
            kernels.axpy(Muon.B, gram, 0, polynomial, 0, side * side);
            if (rows <= columns) {
                product(kernels, scratch, Layout.NN, rows, columns, rows, polynomial, side, x, columns, next, columns);
            } else {
                product(
                        kernels,
                        scratch,
                        Layout.NN,
                        rows,
                        columns,
                        columns,
                        x,
                        columns,
                        polynomial,
                        side,
                        next,
                        columns);
            }
            kernels.axpy(Muon.A, x, 0, next, 0, size);
            float[] swapped = x;
            x = next;
            next = swapped;
        }
        return x;
    }

    private static void product(
            Kernels kernels,
            Scratch scratch,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aStride,
            float[] b,
            int bStride,
            float[] c,
            int cStride) {
        kernels.matmul(scratch, layout, m, n, k, a, 0, aStride, b, 0, bStride, c, 0, cStride, Epilogue.ASSIGN);
    }
}
