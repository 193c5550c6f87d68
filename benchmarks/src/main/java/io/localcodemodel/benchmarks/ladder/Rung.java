package io.localcodemodel.benchmarks.ladder;

/// One way to compute `C = A·B` for square, row-major matrices of n rows, n a multiple of 192.
@FunctionalInterface
public interface Rung {
    /// Overwrites all of C.
    void multiply(int n, float[] a, float[] b, float[] c);
}
