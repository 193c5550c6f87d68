package io.localcodemodel.benchmarks.ladder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The Vector API in place of the compiler's own vectors: one vector of C stays in a register for the whole inner
/// extent and is written once.
///
/// A step is one load of B and one fused multiply-add. The multiply-adds of one vector wait for each other, four cycles
/// each, where the processor could do eight in that time; the next rung has more of them under way.
public final class VectorLanes implements Rung {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        for (int j = 0; j < n; j += S.length()) {
            for (int i = 0; i < n; i++) {
                FloatVector sum = FloatVector.zero(S);
                for (int p = 0; p < n; p++) {
                    sum = FloatVector.fromArray(S, b, p * n + j).fma(FloatVector.broadcast(S, a[i * n + p]), sum);
                }
                sum.intoArray(c, i * n + j);
            }
        }
    }
}
