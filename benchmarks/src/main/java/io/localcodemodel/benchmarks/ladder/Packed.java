package io.localcodemodel.benchmarks.ladder;

/// The same tile on a part of B that is copied first into the order in which the tile reads it.
///
/// In place, each step of a tile reads 128 bytes of another row of B: another page for the address translation, and for
/// widths that are powers of two the same few places of the cache. A packed strip is one run of memory, 256 by two
/// vectors, that stays in the first-level cache while all rows of A go by.
public final class Packed implements Rung {
    private static final int INNER = 256;

    private final float[] strip = new float[INNER * RegisterTile.COLUMNS];

    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        for (int inner = 0; inner < n; inner += INNER) {
            int length = Math.min(INNER, n - inner);
            for (int j = 0; j < n; j += RegisterTile.COLUMNS) {
                for (int p = 0; p < length; p++) {
                    System.arraycopy(b, (inner + p) * n + j, strip, p * RegisterTile.COLUMNS, RegisterTile.COLUMNS);
                }
                for (int i = 0; i < n; i += RegisterTile.ROWS) {
                    RegisterTile.tile(
                            length, a, i * n + inner, n, strip, 0, RegisterTile.COLUMNS, c, i * n + j, n, inner > 0);
                }
            }
        }
    }
}
