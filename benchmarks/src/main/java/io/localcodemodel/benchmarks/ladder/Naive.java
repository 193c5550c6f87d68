package io.localcodemodel.benchmarks.ladder;

/// The definition: each element of C is a row of A times a column of B.
///
/// A column of B lies in memory with a whole row between its elements. So each step of the inner loop touches another
/// cache line and uses 4 of its 64 bytes, and the sum waits for its own last addition: a chain of n dependent steps.
public final class Naive implements Rung {
    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                float sum = 0;
                for (int p = 0; p < n; p++) {
                    sum += a[i * n + p] * b[p * n + j];
                }
                c[i * n + j] = sum;
            }
        }
    }
}
