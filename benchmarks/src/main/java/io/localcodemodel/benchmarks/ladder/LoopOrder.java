package io.localcodemodel.benchmarks.ladder;

import java.util.Arrays;

/// The same sums with the two inner loops exchanged: a row of C is built up from rows of B.
///
/// Now the innermost loop runs along rows, so each cache line that is fetched is used whole, and its steps do not wait
/// for each other: the compiler turns it into vector instructions by itself.
public final class LoopOrder implements Rung {
    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        for (int i = 0; i < n; i++) {
            Arrays.fill(c, i * n, (i + 1) * n, 0);
            for (int p = 0; p < n; p++) {
                float x = a[i * n + p];
                for (int j = 0; j < n; j++) {
                    c[i * n + j] += x * b[p * n + j];
                }
            }
        }
    }
}
