package io.localcodemodel.benchmarks.ladder;

import java.util.Arrays;

/// The loop order before, block by block: a block of B is used for all rows of A while it is in the cache.
///
/// [LoopOrder] reads the whole of B for each row of C. Here a block of 64 by 192 elements, 48 KiB, serves n rows.
public final class Blocked implements Rung {
    private static final int INNER = 64;
    private static final int COLUMNS = 192;

    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        Arrays.fill(c, 0, n * n, 0);
        for (int firstColumn = 0; firstColumn < n; firstColumn += COLUMNS) {
            for (int firstInner = 0; firstInner < n; firstInner += INNER) {
                for (int i = 0; i < n; i++) {
                    for (int p = firstInner; p < firstInner + INNER; p++) {
                        float x = a[i * n + p];
                        for (int j = firstColumn; j < firstColumn + COLUMNS; j++) {
                            c[i * n + j] += x * b[p * n + j];
                        }
                    }
                }
            }
        }
    }
}
