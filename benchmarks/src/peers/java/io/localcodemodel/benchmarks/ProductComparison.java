package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.javacpp.FloatPointer;

/// This library's products and those of its peers, all of them in turn in each round.
final class ProductComparison {
    private static final double SECONDS_PER_SIDE = 0.015;
    /// Longer than the threads of any side wait for work before they sleep.
    private static final long UNTIL_ASLEEP_NANOS = 1_000_000;

    private final Kernels kernels;
    private final Workers workers;
    private final List<MatrixPeer> peers;
    private final int rounds;

    /// Has the peers run on as many threads as there are workers.
    ProductComparison(Kernels kernels, Workers workers, List<MatrixPeer> peers, int rounds) {
        this.kernels = kernels;
        this.workers = workers;
        this.peers = peers;
        this.rounds = rounds;
        peers.forEach(peer -> peer.threads(workers.count()));
    }

    /// @param gflops our median speed
    /// @param ratios for each peer the median over the rounds of its time over ours
    record Result(double gflops, double[] ratios) {}

    /// The times of a product, after the results of all sides have been found equal.
    Result compare(Product product) {
        float[] a = random(product.batch() * product.m() * product.k(), 1);
        float[] b = random(product.batch() * product.n() * product.k(), 2);
        float[] c = new float[product.batch() * product.m() * product.n()];
        Runnable ours = ours(product, a, b, c);
        ours.run();
        try (FloatPointer pa = new FloatPointer(a);
                FloatPointer pb = new FloatPointer(b);
                FloatPointer pc = new FloatPointer((long) c.length)) {
            Runnable[] theirs = peers.stream()
                    .map(peer -> peer.prepare(product, pa, pb, pc))
                    .toArray(Runnable[]::new);
            float[] found = new float[c.length];
            for (int i = 0; i < theirs.length; i++) {
                Arrays.fill(found, Float.NaN);
                pc.put(found);
                theirs[i].run();
                pc.get(found);
                requireEqual(c, found, product.k(), peers.get(i));
            }
            return inTurn(product.operations(), ours, theirs);
        }
    }

    private Runnable ours(Product product, float[] a, float[] b, float[] c) {
        Layout layout = product.layout();
        int m = product.m();
        int n = product.n();
        int k = product.k();
        int aStride = product.aStride();
        int bStride = product.bStride();
        Epilogue assign = Epilogue.ASSIGN;
        return product.batch() == 1
                ? () -> kernels.matmul(workers, layout, m, n, k, a, 0, aStride, b, 0, bStride, c, 0, n, assign)
                : () -> workers.run(product.batch(), (i, scratch) -> {
                    int aStart = i * m * k;
                    int bStart = i * n * k;
                    int cStart = i * m * n;
                    kernels.matmul(
                            scratch, layout, m, n, k, a, aStart, aStride, b, bStart, bStride, c, cStart, n, assign);
                });
    }

    private static void requireEqual(float[] ours, float[] theirs, int k, MatrixPeer peer) {
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= 4e-6 * Math.sqrt(k))) {
                throw new IllegalStateException("the products of this library and of " + peer.name()
                        + " differ at element " + i + ": " + ours[i] + " and " + theirs[i]);
            }
        }
    }

    /// @param operations of one run of each side
    Result inTurn(long operations, Runnable ours, Runnable... theirs) {
        int repeats = repeats(ours);
        for (Runnable task : theirs) {
            time(task, repeats);
        }
        double[] seconds = new double[rounds];
        double[][] ratios = new double[theirs.length][rounds];
        for (int round = 0; round < rounds; round++) {
            seconds[round] = timeAwake(ours, repeats);
            for (int i = 0; i < theirs.length; i++) {
                ratios[i][round] = timeAwake(theirs[i], repeats) / seconds[round];
            }
        }
        return new Result(
                operations / Figures.median(seconds) * 1e-9,
                Arrays.stream(ratios).mapToDouble(Figures::median).toArray());
    }

    private int repeats(Runnable task) {
        double once = Math.min(time(task, 1), time(task, 1));
        return (int) Math.clamp(SECONDS_PER_SIDE / once, 1, 20_000);
    }

    /// The time of a side while the threads of the others are asleep and its own awake.
    private double timeAwake(Runnable task, int repeats) {
        if (workers.count() > 1) {
            LockSupport.parkNanos(UNTIL_ASLEEP_NANOS);
            task.run();
        }
        return time(task, repeats);
    }

    private double time(Runnable task, int repeats) {
        boolean alone = workers.count() == 1;
        long start = Clock.nanos(alone);
        for (int i = 0; i < repeats; i++) {
            task.run();
        }
        return (Clock.nanos(alone) - start) * 1e-9 / repeats;
    }

    static float[] random(int length, long seed) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }
}
