package io.localcodemodel.benchmarks.ladder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Four rows by two vectors of C in registers at a time.
///
/// Two vectors of B and four elements of A that are loaded once serve eight multiply-adds, and eight sums that do not
/// wait for each other keep both units of the processor busy.
public final class RegisterTile implements Rung {
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    static final int L = S.length();
    static final int ROWS = 4;
    static final int COLUMNS = 2 * L;

    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        for (int j = 0; j < n; j += COLUMNS) {
            for (int i = 0; i < n; i += ROWS) {
                tile(n, a, i * n, n, b, j, n, c, i * n + j, n, false);
            }
        }
    }

    /// A tile of C: rows of A are `aStride` apart, rows of B `bStride`.
    ///
    /// @param more whether to add to what C holds
    static void tile(
            int k,
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int bStride,
            float[] c,
            int cAt,
            int cStride,
            boolean more) {
        FloatVector zero = FloatVector.zero(S);
        FloatVector c0 = more ? FloatVector.fromArray(S, c, cAt) : zero;
        FloatVector d0 = more ? FloatVector.fromArray(S, c, cAt + L) : zero;
        FloatVector c1 = more ? FloatVector.fromArray(S, c, cAt + cStride) : zero;
        FloatVector d1 = more ? FloatVector.fromArray(S, c, cAt + cStride + L) : zero;
        FloatVector c2 = more ? FloatVector.fromArray(S, c, cAt + 2 * cStride) : zero;
        FloatVector d2 = more ? FloatVector.fromArray(S, c, cAt + 2 * cStride + L) : zero;
        FloatVector c3 = more ? FloatVector.fromArray(S, c, cAt + 3 * cStride) : zero;
        FloatVector d3 = more ? FloatVector.fromArray(S, c, cAt + 3 * cStride + L) : zero;
        for (int p = 0; p < k; p++) {
            FloatVector u = FloatVector.fromArray(S, b, bAt + p * bStride);
            FloatVector v = FloatVector.fromArray(S, b, bAt + p * bStride + L);
            FloatVector x = FloatVector.broadcast(S, a[aAt + p]);
            c0 = x.fma(u, c0);
            d0 = x.fma(v, d0);
            x = FloatVector.broadcast(S, a[aAt + aStride + p]);
            c1 = x.fma(u, c1);
            d1 = x.fma(v, d1);
            x = FloatVector.broadcast(S, a[aAt + 2 * aStride + p]);
            c2 = x.fma(u, c2);
            d2 = x.fma(v, d2);
            x = FloatVector.broadcast(S, a[aAt + 3 * aStride + p]);
            c3 = x.fma(u, c3);
            d3 = x.fma(v, d3);
        }
        c0.intoArray(c, cAt);
        d0.intoArray(c, cAt + L);
        c1.intoArray(c, cAt + cStride);
        d1.intoArray(c, cAt + cStride + L);
        c2.intoArray(c, cAt + 2 * cStride);
        d2.intoArray(c, cAt + 2 * cStride + L);
        c3.intoArray(c, cAt + 3 * cStride);
        d3.intoArray(c, cAt + 3 * cStride + L);
    }
}
