package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for rows of A that are read where they lie, with 16 vector registers or few columns: 6 rows by 2
/// vectors of C, 12 accumulators.
///
/// ```text
/// c[cAt + r·cStride + j] = start[startAt + r·startStride + j] + Σ_p a[aAt + r·aStride + p] · b[bAt + p·bStep + j]
/// ```
///
/// The 12 chains just fill two units with a latency of four cycles.
///
/// See [Tiles] for what every tile computes and why it is written out.
final class NarrowRowTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();

    private NarrowRowTile() {}

    static void run(
            int k,
            float[] a,
            int aAt,
            int aStride,
            int rows,
            float[] b,
            int bAt,
            int bStep,
            float[] start,
            int startAt,
            int startStride,
            float[] c,
            int cAt,
            int cStride) {
        int from = startAt;
        FloatVector c0 = FloatVector.fromArray(S, start, from);
        FloatVector d0 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c1 = FloatVector.fromArray(S, start, from);
        FloatVector d1 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c2 = FloatVector.fromArray(S, start, from);
        FloatVector d2 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c3 = FloatVector.fromArray(S, start, from);
        FloatVector d3 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c4 = FloatVector.fromArray(S, start, from);
        FloatVector d4 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c5 = FloatVector.fromArray(S, start, from);
        FloatVector d5 = FloatVector.fromArray(S, start, from + L);
        int a1 = aAt + Math.min(1, rows - 1) * aStride;
        int a2 = aAt + Math.min(2, rows - 1) * aStride;
        int a3 = aAt + Math.min(3, rows - 1) * aStride;
        int a4 = aAt + Math.min(4, rows - 1) * aStride;
        int a5 = aAt + Math.min(5, rows - 1) * aStride;
        for (int p = 0; p < k; p++) {
            FloatVector u = FloatVector.fromArray(S, b, bAt);
            FloatVector v = FloatVector.fromArray(S, b, bAt + L);
            FloatVector x = FloatVector.broadcast(S, a[aAt + p]);
            c0 = x.fma(u, c0);
            d0 = x.fma(v, d0);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c1 = x.fma(u, c1);
            d1 = x.fma(v, d1);
            x = FloatVector.broadcast(S, a[a2 + p]);
            c2 = x.fma(u, c2);
            d2 = x.fma(v, d2);
            x = FloatVector.broadcast(S, a[a3 + p]);
            c3 = x.fma(u, c3);
            d3 = x.fma(v, d3);
            x = FloatVector.broadcast(S, a[a4 + p]);
            c4 = x.fma(u, c4);
            d4 = x.fma(v, d4);
            x = FloatVector.broadcast(S, a[a5 + p]);
            c5 = x.fma(u, c5);
            d5 = x.fma(v, d5);
            bAt += bStep;
        }
        int to = cAt;
        c0.intoArray(c, to);
        d0.intoArray(c, to + L);
        to += cStride;
        c1.intoArray(c, to);
        d1.intoArray(c, to + L);
        to += cStride;
        c2.intoArray(c, to);
        d2.intoArray(c, to + L);
        to += cStride;
        c3.intoArray(c, to);
        d3.intoArray(c, to + L);
        to += cStride;
        c4.intoArray(c, to);
        d4.intoArray(c, to + L);
        to += cStride;
        c5.intoArray(c, to);
        d5.intoArray(c, to + L);
    }
}
