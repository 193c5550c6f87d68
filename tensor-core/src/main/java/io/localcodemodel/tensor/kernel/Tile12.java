package io.localcodemodel.tensor.kernel;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile of processors with 32 vector registers: 12 rows by 2 vectors of C, 24 accumulators.
///
/// One step of the inner extent reads 2 vectors of B, broadcasts 12 elements of A and does 24 fused multiply-adds, so the
/// loads (14 to 24) stay well under what a core can read per multiply-add.
/// See [Tiles] for what every tile computes and why it is written out.
final class Tile12 {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();
    private static final boolean PINNED = Lanes.PINNED;

    private Tile12() {}

    static void run(
            int k,
            float[] a,
            int aAt,
            int aStep,
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
        from += startStride;
        FloatVector c6 = FloatVector.fromArray(S, start, from);
        FloatVector d6 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c7 = FloatVector.fromArray(S, start, from);
        FloatVector d7 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c8 = FloatVector.fromArray(S, start, from);
        FloatVector d8 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c9 = FloatVector.fromArray(S, start, from);
        FloatVector d9 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c10 = FloatVector.fromArray(S, start, from);
        FloatVector d10 = FloatVector.fromArray(S, start, from + L);
        from += startStride;
        FloatVector c11 = FloatVector.fromArray(S, start, from);
        FloatVector d11 = FloatVector.fromArray(S, start, from + L);
        int p = 0;
        for (; p < k; p++) {
            FloatVector u = FloatVector.fromArray(S, b, bAt);
            FloatVector v = FloatVector.fromArray(S, b, bAt + L);
            FloatVector x = FloatVector.broadcast(S, a[aAt]);
            c0 = x.fma(u, c0);
            d0 = x.fma(v, d0);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 1]);
            c1 = x.fma(u, c1);
            d1 = x.fma(v, d1);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 2]);
            c2 = x.fma(u, c2);
            d2 = x.fma(v, d2);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 3]);
            c3 = x.fma(u, c3);
            d3 = x.fma(v, d3);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 4]);
            c4 = x.fma(u, c4);
            d4 = x.fma(v, d4);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 5]);
            c5 = x.fma(u, c5);
            d5 = x.fma(v, d5);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 6]);
            c6 = x.fma(u, c6);
            d6 = x.fma(v, d6);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 7]);
            c7 = x.fma(u, c7);
            d7 = x.fma(v, d7);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 8]);
            c8 = x.fma(u, c8);
            d8 = x.fma(v, d8);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 9]);
            c9 = x.fma(u, c9);
            d9 = x.fma(v, d9);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 10]);
            c10 = x.fma(u, c10);
            d10 = x.fma(v, d10);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(S, a[aAt + 11]);
            c11 = x.fma(u, c11);
            d11 = x.fma(v, d11);
            if (PINNED) {
                VarHandle.loadLoadFence();
            }
            aAt += aStep;
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
        to += cStride;
        c6.intoArray(c, to);
        d6.intoArray(c, to + L);
        to += cStride;
        c7.intoArray(c, to);
        d7.intoArray(c, to + L);
        to += cStride;
        c8.intoArray(c, to);
        d8.intoArray(c, to + L);
        to += cStride;
        c9.intoArray(c, to);
        d9.intoArray(c, to + L);
        to += cStride;
        c10.intoArray(c, to);
        d10.intoArray(c, to + L);
        to += cStride;
        c11.intoArray(c, to);
        d11.intoArray(c, to + L);
    }
}
