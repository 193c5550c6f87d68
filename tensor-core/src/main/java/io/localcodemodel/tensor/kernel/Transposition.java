package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Transposes square blocks, as many rows as a vector has lanes, in registers.
///
/// A block of L rows is transposed in log2(L) stages (Eklundh 1972, "A fast computer method for matrix transposing"):
/// the stage of distance h exchanges, between the rows `i` and `i + h`, the lanes whose index has bit h in the one with
/// those that have not in the other. One exchange is two shuffles and two blends. Compared with a loop over elements
/// that is three times as fast with 16 lanes and twice as fast with 8.
final class Transposition {
    private static final VectorSpecies<Float> S = Lanes.FLOATS;
    private static final int L = S.length();

    /// The elements of a cache line, and of how many lines a row is touched ahead.
    private static final int LINE = 16;
    private static final int AHEAD = 4 * LINE;

    private static final VectorShuffle<Float> X8 = exchanging(8);
    private static final VectorShuffle<Float> X4 = exchanging(4);
    private static final VectorShuffle<Float> X2 = exchanging(2);
    private static final VectorShuffle<Float> X1 = exchanging(1);
    private static final VectorMask<Float> M8 = lanesWith(8);
    private static final VectorMask<Float> M4 = lanesWith(4);
    private static final VectorMask<Float> M2 = lanesWith(2);
    private static final VectorMask<Float> M1 = lanesWith(1);

    private Transposition() {}

    /// The lanes `i` and `i ^ distance` exchanged.
    private static VectorShuffle<Float> exchanging(int distance) {
        return VectorShuffle.fromOp(S, lane -> (lane ^ distance) % L);
    }

    private static VectorMask<Float> lanesWith(int bit) {
        boolean[] lanes = new boolean[L];
        for (int lane = 0; lane < L; lane++) {
            lanes[lane] = (lane & bit) != 0;
        }
        return VectorMask.fromArray(S, lanes, 0);
    }

    /// For the first L rows or fewer: `to[toAt + p·toStep + r] = from[fromAt + r·fromStride + p]` for each p from 0 to
    /// `columns - 1`, where `columns` is a multiple of L. All L lanes are written; where there are fewer rows the last one
    /// fills the rest.
    static void transpose(
            float[] from, int fromAt, int fromStride, int rows, int columns, float[] to, int toAt, int toStep) {
        int last = Math.min(rows, L) - 1;
        for (int p = 0; p < columns; p += L) {
            if (p % AHEAD == 0 && last == L - 1) {
                to[toAt + p * toStep] = touch(from, fromAt + p, fromStride, last, Math.min(AHEAD, columns - p));
            }
            switch (L) {
                case 4 -> block4(from, fromAt + p, fromStride, last, to, toAt + p * toStep, toStep);
                case 8 -> block8(from, fromAt + p, fromStride, last, to, toAt + p * toStep, toStep);
                case 16 -> block16(from, fromAt + p, fromStride, last, to, toAt + p * toStep, toStep);
                default -> throw new IllegalStateException("no transposition for " + L + " lanes");
            }
        }
    }

    /// Reads one element of each cache line of a few rows, so that the lines are on their way together: a block alone
    /// waits for as many lines as it has rows, and the processor does not look far enough ahead to ask for the next ones.
    /// It pays for whole blocks: strips of B, which come from far away. (Few rows of A, a power of two apart, compete for
    /// the same places in the cache, and those touched first are gone again.)
    /// The sum is there for the compiler, which would leave out what nobody uses.
    private static float touch(float[] from, int at, int stride, int last, int columns) {
        float a = 0;
        float b = 0;
        int second = Math.min(LINE, columns - 1);
        int third = Math.min(2 * LINE, columns - 1);
        int fourth = Math.min(3 * LINE, columns - 1);
        for (int row = 0; row <= last; row++) {
            a += from[at] + from[at + second];
            b += from[at + third] + from[at + fourth];
            at += stride;
        }
        return a + b;
    }

    private static void block4(float[] from, int at, int stride, int last, float[] to, int toAt, int toStep) {
        FloatVector r0 = FloatVector.fromArray(S, from, at);
        FloatVector r1 = FloatVector.fromArray(S, from, at + Math.min(1, last) * stride);
        FloatVector r2 = FloatVector.fromArray(S, from, at + Math.min(2, last) * stride);
        FloatVector r3 = FloatVector.fromArray(S, from, at + Math.min(3, last) * stride);
        FloatVector t;
        t = r0.blend(r2.rearrange(X2), M2);
        r2 = r0.rearrange(X2).blend(r2, M2);
        r0 = t;
        t = r1.blend(r3.rearrange(X2), M2);
        r3 = r1.rearrange(X2).blend(r3, M2);
        r1 = t;
        t = r0.blend(r1.rearrange(X1), M1);
        r1 = r0.rearrange(X1).blend(r1, M1);
        r0 = t;
        t = r2.blend(r3.rearrange(X1), M1);
        r3 = r2.rearrange(X1).blend(r3, M1);
        r2 = t;
        r0.intoArray(to, toAt);
        r1.intoArray(to, toAt + 1 * toStep);
        r2.intoArray(to, toAt + 2 * toStep);
        r3.intoArray(to, toAt + 3 * toStep);
    }

    private static void block8(float[] from, int at, int stride, int last, float[] to, int toAt, int toStep) {
        FloatVector r0 = FloatVector.fromArray(S, from, at);
        FloatVector r1 = FloatVector.fromArray(S, from, at + Math.min(1, last) * stride);
        FloatVector r2 = FloatVector.fromArray(S, from, at + Math.min(2, last) * stride);
        FloatVector r3 = FloatVector.fromArray(S, from, at + Math.min(3, last) * stride);
        FloatVector r4 = FloatVector.fromArray(S, from, at + Math.min(4, last) * stride);
        FloatVector r5 = FloatVector.fromArray(S, from, at + Math.min(5, last) * stride);
        FloatVector r6 = FloatVector.fromArray(S, from, at + Math.min(6, last) * stride);
        FloatVector r7 = FloatVector.fromArray(S, from, at + Math.min(7, last) * stride);
        FloatVector t;
        t = r0.blend(r4.rearrange(X4), M4);
        r4 = r0.rearrange(X4).blend(r4, M4);
        r0 = t;
        t = r1.blend(r5.rearrange(X4), M4);
        r5 = r1.rearrange(X4).blend(r5, M4);
        r1 = t;
        t = r2.blend(r6.rearrange(X4), M4);
        r6 = r2.rearrange(X4).blend(r6, M4);
        r2 = t;
        t = r3.blend(r7.rearrange(X4), M4);
        r7 = r3.rearrange(X4).blend(r7, M4);
        r3 = t;
        t = r0.blend(r2.rearrange(X2), M2);
        r2 = r0.rearrange(X2).blend(r2, M2);
        r0 = t;
        t = r1.blend(r3.rearrange(X2), M2);
        r3 = r1.rearrange(X2).blend(r3, M2);
        r1 = t;
        t = r4.blend(r6.rearrange(X2), M2);
        r6 = r4.rearrange(X2).blend(r6, M2);
        r4 = t;
        t = r5.blend(r7.rearrange(X2), M2);
        r7 = r5.rearrange(X2).blend(r7, M2);
        r5 = t;
        t = r0.blend(r1.rearrange(X1), M1);
        r1 = r0.rearrange(X1).blend(r1, M1);
        r0 = t;
        t = r2.blend(r3.rearrange(X1), M1);
        r3 = r2.rearrange(X1).blend(r3, M1);
        r2 = t;
        t = r4.blend(r5.rearrange(X1), M1);
        r5 = r4.rearrange(X1).blend(r5, M1);
        r4 = t;
        t = r6.blend(r7.rearrange(X1), M1);
        r7 = r6.rearrange(X1).blend(r7, M1);
        r6 = t;
        r0.intoArray(to, toAt);
        r1.intoArray(to, toAt + 1 * toStep);
        r2.intoArray(to, toAt + 2 * toStep);
        r3.intoArray(to, toAt + 3 * toStep);
        r4.intoArray(to, toAt + 4 * toStep);
        r5.intoArray(to, toAt + 5 * toStep);
        r6.intoArray(to, toAt + 6 * toStep);
        r7.intoArray(to, toAt + 7 * toStep);
    }

    private static void block16(float[] from, int at, int stride, int last, float[] to, int toAt, int toStep) {
        FloatVector r0 = FloatVector.fromArray(S, from, at);
        FloatVector r1 = FloatVector.fromArray(S, from, at + Math.min(1, last) * stride);
        FloatVector r2 = FloatVector.fromArray(S, from, at + Math.min(2, last) * stride);
        FloatVector r3 = FloatVector.fromArray(S, from, at + Math.min(3, last) * stride);
        FloatVector r4 = FloatVector.fromArray(S, from, at + Math.min(4, last) * stride);
        FloatVector r5 = FloatVector.fromArray(S, from, at + Math.min(5, last) * stride);
        FloatVector r6 = FloatVector.fromArray(S, from, at + Math.min(6, last) * stride);
        FloatVector r7 = FloatVector.fromArray(S, from, at + Math.min(7, last) * stride);
        FloatVector r8 = FloatVector.fromArray(S, from, at + Math.min(8, last) * stride);
        FloatVector r9 = FloatVector.fromArray(S, from, at + Math.min(9, last) * stride);
        FloatVector r10 = FloatVector.fromArray(S, from, at + Math.min(10, last) * stride);
        FloatVector r11 = FloatVector.fromArray(S, from, at + Math.min(11, last) * stride);
        FloatVector r12 = FloatVector.fromArray(S, from, at + Math.min(12, last) * stride);
        FloatVector r13 = FloatVector.fromArray(S, from, at + Math.min(13, last) * stride);
        FloatVector r14 = FloatVector.fromArray(S, from, at + Math.min(14, last) * stride);
        FloatVector r15 = FloatVector.fromArray(S, from, at + Math.min(15, last) * stride);
        FloatVector t;
        t = r0.blend(r8.rearrange(X8), M8);
        r8 = r0.rearrange(X8).blend(r8, M8);
        r0 = t;
        t = r1.blend(r9.rearrange(X8), M8);
        r9 = r1.rearrange(X8).blend(r9, M8);
        r1 = t;
        t = r2.blend(r10.rearrange(X8), M8);
        r10 = r2.rearrange(X8).blend(r10, M8);
        r2 = t;
        t = r3.blend(r11.rearrange(X8), M8);
        r11 = r3.rearrange(X8).blend(r11, M8);
        r3 = t;
        t = r4.blend(r12.rearrange(X8), M8);
        r12 = r4.rearrange(X8).blend(r12, M8);
        r4 = t;
        t = r5.blend(r13.rearrange(X8), M8);
        r13 = r5.rearrange(X8).blend(r13, M8);
        r5 = t;
        t = r6.blend(r14.rearrange(X8), M8);
        r14 = r6.rearrange(X8).blend(r14, M8);
        r6 = t;
        t = r7.blend(r15.rearrange(X8), M8);
        r15 = r7.rearrange(X8).blend(r15, M8);
        r7 = t;
        t = r0.blend(r4.rearrange(X4), M4);
        r4 = r0.rearrange(X4).blend(r4, M4);
        r0 = t;
        t = r1.blend(r5.rearrange(X4), M4);
        r5 = r1.rearrange(X4).blend(r5, M4);
        r1 = t;
        t = r2.blend(r6.rearrange(X4), M4);
        r6 = r2.rearrange(X4).blend(r6, M4);
        r2 = t;
        t = r3.blend(r7.rearrange(X4), M4);
        r7 = r3.rearrange(X4).blend(r7, M4);
        r3 = t;
        t = r8.blend(r12.rearrange(X4), M4);
        r12 = r8.rearrange(X4).blend(r12, M4);
        r8 = t;
        t = r9.blend(r13.rearrange(X4), M4);
        r13 = r9.rearrange(X4).blend(r13, M4);
        r9 = t;
        t = r10.blend(r14.rearrange(X4), M4);
        r14 = r10.rearrange(X4).blend(r14, M4);
        r10 = t;
        t = r11.blend(r15.rearrange(X4), M4);
        r15 = r11.rearrange(X4).blend(r15, M4);
        r11 = t;
        t = r0.blend(r2.rearrange(X2), M2);
        r2 = r0.rearrange(X2).blend(r2, M2);
        r0 = t;
        t = r1.blend(r3.rearrange(X2), M2);
        r3 = r1.rearrange(X2).blend(r3, M2);
        r1 = t;
        t = r4.blend(r6.rearrange(X2), M2);
        r6 = r4.rearrange(X2).blend(r6, M2);
        r4 = t;
        t = r5.blend(r7.rearrange(X2), M2);
        r7 = r5.rearrange(X2).blend(r7, M2);
        r5 = t;
        t = r8.blend(r10.rearrange(X2), M2);
        r10 = r8.rearrange(X2).blend(r10, M2);
        r8 = t;
        t = r9.blend(r11.rearrange(X2), M2);
        r11 = r9.rearrange(X2).blend(r11, M2);
        r9 = t;
        t = r12.blend(r14.rearrange(X2), M2);
        r14 = r12.rearrange(X2).blend(r14, M2);
        r12 = t;
        t = r13.blend(r15.rearrange(X2), M2);
        r15 = r13.rearrange(X2).blend(r15, M2);
        r13 = t;
        t = r0.blend(r1.rearrange(X1), M1);
        r1 = r0.rearrange(X1).blend(r1, M1);
        r0 = t;
        t = r2.blend(r3.rearrange(X1), M1);
        r3 = r2.rearrange(X1).blend(r3, M1);
        r2 = t;
        t = r4.blend(r5.rearrange(X1), M1);
        r5 = r4.rearrange(X1).blend(r5, M1);
        r4 = t;
        t = r6.blend(r7.rearrange(X1), M1);
        r7 = r6.rearrange(X1).blend(r7, M1);
        r6 = t;
        t = r8.blend(r9.rearrange(X1), M1);
        r9 = r8.rearrange(X1).blend(r9, M1);
        r8 = t;
        t = r10.blend(r11.rearrange(X1), M1);
        r11 = r10.rearrange(X1).blend(r11, M1);
        r10 = t;
        t = r12.blend(r13.rearrange(X1), M1);
        r13 = r12.rearrange(X1).blend(r13, M1);
        r12 = t;
        t = r14.blend(r15.rearrange(X1), M1);
        r15 = r14.rearrange(X1).blend(r15, M1);
        r14 = t;
        r0.intoArray(to, toAt);
        r1.intoArray(to, toAt + 1 * toStep);
        r2.intoArray(to, toAt + 2 * toStep);
        r3.intoArray(to, toAt + 3 * toStep);
        r4.intoArray(to, toAt + 4 * toStep);
        r5.intoArray(to, toAt + 5 * toStep);
        r6.intoArray(to, toAt + 6 * toStep);
        r7.intoArray(to, toAt + 7 * toStep);
        r8.intoArray(to, toAt + 8 * toStep);
        r9.intoArray(to, toAt + 9 * toStep);
        r10.intoArray(to, toAt + 10 * toStep);
        r11.intoArray(to, toAt + 11 * toStep);
        r12.intoArray(to, toAt + 12 * toStep);
        r13.intoArray(to, toAt + 13 * toStep);
        r14.intoArray(to, toAt + 14 * toStep);
        r15.intoArray(to, toAt + 15 * toStep);
    }
}
