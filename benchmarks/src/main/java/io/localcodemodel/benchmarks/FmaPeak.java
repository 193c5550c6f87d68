package io.localcodemodel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// How many multiply-adds this machine can do when nothing else has to be done: what shares of the peak refer to.
final class FmaPeak {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /// Independent chains: enough to hide the latency of two units of four cycles each.
    private static final int CHAINS = 12;

    private static final int REPEATS = 2_000_000;
    private static final int ROUNDS = 12;

    private FmaPeak() {}

    /// The best of some rounds, in GFLOP/s of all threads together, a multiply-add counting as two.
    static double gigaflops(int threads) {
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Thread> others = new ArrayList<>();
            long began = System.nanoTime();
            IntStream.range(1, threads)
                    .forEach(i -> others.add(Thread.ofPlatform().start(() -> chains(REPEATS))));
            chains(REPEATS);
            for (Thread other : others) {
                joinUninterruptibly(other);
            }
            double operations = 2.0 * threads * CHAINS * REPEATS * SPECIES.length();
            best = Math.max(best, operations / (double) (System.nanoTime() - began));
        }
        return best;
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static float chains(int repeats) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1e-3f);
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
        FloatVector k = y;
        FloatVector l = y;
        for (int repeat = 0; repeat < repeats; repeat++) {
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
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        FloatVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .add(k)
                .add(l);
        return sum.lane(0);
    }
}
