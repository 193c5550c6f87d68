package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile of processors with 32 vector registers, for packed strips of A: 6 rows by 4 vectors of C, 24 accumulators.
///
/// ```text
/// c[cAt + r·cStride + j] = start[startAt + r·startStride + j] + Σ_p a[aAt + p·48 + r] · b[bAt + p·4·L + j]
/// ```
///
/// The steps of A and B are constant, which lets the compiler check all bounds before the loop.
///
/// See [Tiles] for what every tile computes and why it is written out.
final class WideStripTile {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();
    private static final int STEP = 4 * L;
    private static final int ROWS = Tiles.STRIP_ROWS;

    private WideStripTile() {}

    static void run(
            int k,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            float[] start,
            int startAt,
            int startStride,
            float[] c,
            int cAt,
            int cStride) {
        int from = startAt;
        FloatVector c0 = FloatVector.fromArray(S, start, from);
        FloatVector d0 = FloatVector.fromArray(S, start, from + L);
        FloatVector e0 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f0 = FloatVector.fromArray(S, start, from + 3 * L);
        from += startStride;
        FloatVector c1 = FloatVector.fromArray(S, start, from);
        FloatVector d1 = FloatVector.fromArray(S, start, from + L);
        FloatVector e1 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f1 = FloatVector.fromArray(S, start, from + 3 * L);
        from += startStride;
        FloatVector c2 = FloatVector.fromArray(S, start, from);
        FloatVector d2 = FloatVector.fromArray(S, start, from + L);
        FloatVector e2 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f2 = FloatVector.fromArray(S, start, from + 3 * L);
        from += startStride;
        FloatVector c3 = FloatVector.fromArray(S, start, from);
        FloatVector d3 = FloatVector.fromArray(S, start, from + L);
        FloatVector e3 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f3 = FloatVector.fromArray(S, start, from + 3 * L);
        from += startStride;
        FloatVector c4 = FloatVector.fromArray(S, start, from);
        FloatVector d4 = FloatVector.fromArray(S, start, from + L);
        FloatVector e4 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f4 = FloatVector.fromArray(S, start, from + 3 * L);
        from += startStride;
        FloatVector c5 = FloatVector.fromArray(S, start, from);
        FloatVector d5 = FloatVector.fromArray(S, start, from + L);
        FloatVector e5 = FloatVector.fromArray(S, start, from + 2 * L);
        FloatVector f5 = FloatVector.fromArray(S, start, from + 3 * L);
        for (int p = 0; p < k; p++) {
            int at = bAt + p * STEP;
            FloatVector u = FloatVector.fromArray(S, b, at);
            FloatVector v = FloatVector.fromArray(S, b, at + L);
            FloatVector w = FloatVector.fromArray(S, b, at + 2 * L);
            FloatVector z = FloatVector.fromArray(S, b, at + 3 * L);
            int of = aAt + p * ROWS;
            FloatVector x = FloatVector.broadcast(S, a[of]);
            c0 = x.fma(u, c0);
            d0 = x.fma(v, d0);
            e0 = x.fma(w, e0);
            f0 = x.fma(z, f0);
            x = FloatVector.broadcast(S, a[of + 1]);
            c1 = x.fma(u, c1);
            d1 = x.fma(v, d1);
            e1 = x.fma(w, e1);
            f1 = x.fma(z, f1);
            x = FloatVector.broadcast(S, a[of + 2]);
            c2 = x.fma(u, c2);
            d2 = x.fma(v, d2);
            e2 = x.fma(w, e2);
            f2 = x.fma(z, f2);
            x = FloatVector.broadcast(S, a[of + 3]);
            c3 = x.fma(u, c3);
            d3 = x.fma(v, d3);
            e3 = x.fma(w, e3);
            f3 = x.fma(z, f3);
            x = FloatVector.broadcast(S, a[of + 4]);
            c4 = x.fma(u, c4);
            d4 = x.fma(v, d4);
            e4 = x.fma(w, e4);
            f4 = x.fma(z, f4);
            x = FloatVector.broadcast(S, a[of + 5]);
            c5 = x.fma(u, c5);
            d5 = x.fma(v, d5);
            e5 = x.fma(w, e5);
            f5 = x.fma(z, f5);
        }
        int to = cAt;
        c0.intoArray(c, to);
        d0.intoArray(c, to + L);
        e0.intoArray(c, to + 2 * L);
        f0.intoArray(c, to + 3 * L);
        to += cStride;
        c1.intoArray(c, to);
        d1.intoArray(c, to + L);
        e1.intoArray(c, to + 2 * L);
        f1.intoArray(c, to + 3 * L);
        to += cStride;
        c2.intoArray(c, to);
        d2.intoArray(c, to + L);
        e2.intoArray(c, to + 2 * L);
        f2.intoArray(c, to + 3 * L);
        to += cStride;
        c3.intoArray(c, to);
        d3.intoArray(c, to + L);
        e3.intoArray(c, to + 2 * L);
        f3.intoArray(c, to + 3 * L);
        to += cStride;
        c4.intoArray(c, to);
        d4.intoArray(c, to + L);
        e4.intoArray(c, to + 2 * L);
        f4.intoArray(c, to + 3 * L);
        to += cStride;
        c5.intoArray(c, to);
        d5.intoArray(c, to + L);
        e5.intoArray(c, to + 2 * L);
        f5.intoArray(c, to + 3 * L);
    }
}
