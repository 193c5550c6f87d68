package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.kernel.Workers;
import java.util.concurrent.atomic.DoubleAdder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// What this machine can do at most, measured in the same run as what is compared with it.
final class MachineLimits {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();
    private static final int STEPS = 200_000;
    private static final int CHAINS = 10;
    private static final int READ_BYTES = 256 << 20;
    private static final int TRIES = 7;

    private MachineLimits() {}

    /// Multiply-adds of 32-bit floats, two operations each, in GFLOP/s: the best of a few tries.
    static double multiplyAddPeak(Workers workers) {
        DoubleAdder sink = new DoubleAdder();
        int blocks = workers.count();
        double best = 0;
        for (int attempt = 0; attempt < 3 * TRIES; attempt++) {
            long start = System.nanoTime();
            workers.run(blocks, (block, scratch) -> sink.add(chains(1f / (block + 2))));
            double seconds = (System.nanoTime() - start) * 1e-9;
            best = Math.max(best, 2.0 * L * CHAINS * STEPS * blocks / seconds * 1e-9);
        }
        return keep(best, sink);
    }

    /// The same on as many threads, which are gone afterwards.
    static double multiplyAddPeak(int threads) {
        try (Workers workers = Workers.of(threads)) {
            return multiplyAddPeak(workers);
        }
    }

    /// Ten independent chains: enough to hide the latency of four cycles behind two units.
    private static float chains(float start) {
        FloatVector x = FloatVector.broadcast(S, 0.999f);
        FloatVector y = FloatVector.broadcast(S, start);
        FloatVector a = y;
        FloatVector b = y;
        FloatVector c = y;
        FloatVector d = y;
        FloatVector e = y;
        FloatVector f = y;
        FloatVector g = y;
        FloatVector h = y;
        FloatVector i = y;
        FloatVector j = y;
        for (int step = 0; step < STEPS; step++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    }

    /// Reading memory that no cache holds, in GB/s: the best of a few tries.
    static double readBandwidth(Workers workers) {
        float[] data = new float[READ_BYTES / Float.BYTES];
        DoubleAdder sink = new DoubleAdder();
        int blocks = 64;
        int length = data.length / blocks;
        double best = 0;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            long start = System.nanoTime();
            workers.run(blocks, (block, scratch) -> sink.add(sum(data, block * length, length)));
            best = Math.max(best, READ_BYTES / (System.nanoTime() - start + 0.0));
        }
        return keep(best, sink);
    }

    private static float sum(float[] data, int from, int length) {
        FloatVector a = FloatVector.zero(S);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = from; i < from + length; i += 4 * L) {
            a = a.add(FloatVector.fromArray(S, data, i));
            b = b.add(FloatVector.fromArray(S, data, i + L));
            c = c.add(FloatVector.fromArray(S, data, i + 2 * L));
            d = d.add(FloatVector.fromArray(S, data, i + 3 * L));
        }
        return a.add(b).add(c).add(d).lane(0);
    }

    /// The value; the sums are looked at, so that the compiler cannot leave them out.
    private static double keep(double value, DoubleAdder sink) {
        return Double.isNaN(sink.sum()) ? Double.NaN : value;
    }
}
