package io.localcodemodel.tensor.kernel;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile of processors with 16 vector registers: 6 rows by 2 vectors of C, 12 accumulators.
///
/// 12 accumulators, 2 vectors of B and 1 broadcast are 15 of the 16 registers. Without the fences the compiler's scheduler
/// moves the broadcasts up, more than 16 vectors are alive and one accumulator is spilled in the loop: less than half of
/// the speed. Not unrolled: the fences leave nothing that unrolling could save.
/// See [Tiles] for what every tile computes and why it is written out.
final class Tile6 {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();
    private static final boolean PINNED = Lanes.PINNED;

    private Tile6() {}

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
    }
}
