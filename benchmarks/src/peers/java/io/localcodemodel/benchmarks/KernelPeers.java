package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.javacpp.FloatPointer;
import tools.jackson.jr.ob.JSON;

/// The matrix products against OpenBLAS, in one process, round by round in turn.
///
/// A ratio is OpenBLAS's time over ours in the same round, and what is reported is the median over the rounds: above 1
/// this library is faster. With one thread the times are processor time, see [Clock]. Shares are of the machine's limits as measured in the same run.
public final class KernelPeers {
    private static final double SECONDS_PER_SIDE = 0.015;
    /// Longer than threads of either side wait for work before they sleep.
    private static final long UNTIL_ASLEEP_NANOS = 1_000_000;

    /// @param batch how many independent products there are, the heads of attention; 1 for a plain one
    private record Shape(int m, int n, int k, int batch) {
        long operations() {
            return 2L * m * n * k * batch;
        }

        @Override
        public String toString() {
            return (batch > 1 ? batch + " x " : "") + m + "x" + n + "x" + k;
        }
    }

    private static final List<Shape> DENSE = List.of(
            new Shape(512, 512, 512, 1),
            new Shape(1024, 1024, 1024, 1),
            new Shape(256, 768, 768, 1),
            new Shape(1024, 2304, 768, 1),
            new Shape(1024, 768, 3072, 1));
    private static final List<Shape> ATTENTION = List.of(new Shape(256, 256, 64, 64), new Shape(256, 64, 256, 64));
    private static final List<Shape> FEW_ROWS = List.of(
            new Shape(1, 768, 768, 1),
            new Shape(4, 768, 768, 1),
            new Shape(16, 768, 768, 1),
            new Shape(1, 32000, 768, 1),
            new Shape(4, 32000, 768, 1),
            new Shape(16, 32000, 768, 1),
            new Shape(256, 32000, 768, 1));

    private final Kernels kernels = Kernels.fastest();
    private final int rounds;

    private KernelPeers(int rounds) {
        this.rounds = rounds;
    }

    /// Runs the comparison; `--quick` takes fewer rounds.
    public static void main(String[] arguments) throws Exception {
        boolean quick = Arrays.asList(arguments).contains("--quick");
        System.out.println(JSON.std.asString(new KernelPeers(quick ? 5 : 25).report()));
    }

    private Map<String, Object> report() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kernels", kernels.name());
        OpenBlas.sleepSoon();
        json.put("openBlasKernels", OpenBlas.chooseKernels(kernels.name().equals("vector-512")));
        json.put("jdk", Runtime.version().toString());
        System.out.printf("%s against OpenBLAS with kernels for %s%n", kernels.name(), json.get("openBlasKernels"));
        try (Workers one = Workers.of(1);
                Workers two = Workers.of(2)) {
            warmUp(one);
            warmUp(two);
            json.put("oneThread", threads(one));
            json.put("twoThreads", threads(two));
            json.put("linear", Map.of("ratio", linear(two)));
            json.put("matvec", matvec(two));
            json.put("dispatchNanos", dispatchNanos(two));
        }
        return json;
    }

    /// Compiles the tiles of every height before anything is timed.
    private void warmUp(Workers workers) {
        float[] x = random(1 << 18, 1);
        float[] c = new float[1 << 18];
        for (int turn = 0; turn < 1000; turn++) {
            for (Layout layout : Layout.values()) {
                for (int m : new int[] {256, 255, 20, 4, 1}) {
                    for (int n : new int[] {512, 64}) {
                        kernels.matmul(workers, layout, m, n, 128, x, 0, 512, x, 0, 512, c, 0, 512, Epilogue.ASSIGN);
                    }
                }
            }
        }
    }

    private Map<String, Object> threads(Workers workers) {
        OpenBlas.threads(workers.count());
        double peak = MachineLimits.multiplyAddPeak(workers);
        System.out.printf("%n%d thread(s), multiply-add peak %.0f GFLOP/s%n", workers.count(), peak);
        Map<String, Object> shapes = new LinkedHashMap<>();
        List<Double> dense = new ArrayList<>();
        List<Double> attention = new ArrayList<>();
        List<Double> few = new ArrayList<>();
        for (Shape shape : DENSE) {
            all(workers, shape, Layout.values(), peak, shapes, dense);
        }
        for (Shape shape : ATTENTION) {
            all(workers, shape, Layout.values(), peak, shapes, attention);
        }
        for (Shape shape : FEW_ROWS) {
            all(workers, shape, new Layout[] {Layout.NT}, peak, shapes, few);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("peakGflops", rounded(peak));
        json.put("geomean", rounded(geometricMean(dense)));
        json.put("min", rounded(minimum(dense)));
        json.put("attentionMin", rounded(minimum(attention)));
        json.put("fewRowsMin", rounded(minimum(few)));
        json.put("shapes", shapes);
        return json;
    }

    private void all(
            Workers workers,
            Shape shape,
            Layout[] layouts,
            double peak,
            Map<String, Object> shapes,
            List<Double> ratios) {
        for (Layout layout : layouts) {
            Comparison result = compare(workers, shape, layout);
            double share = result.gflops() / peak;
            System.out.printf(
                    "%-20s %s  %6.1f GFLOP/s  %3.0f%% of peak  ratio %.2f%n",
                    shape, layout, result.gflops(), 100 * share, result.ratio());
            shapes.put(
                    shape + " " + layout,
                    Map.of(
                            "ratio",
                            rounded(result.ratio()),
                            "gflops",
                            rounded(result.gflops()),
                            "peakShare",
                            rounded(share)));
            ratios.add(result.ratio());
        }
    }

    /// @param ratio median over the rounds of OpenBLAS's time over ours
    /// @param gflops our median speed
    private record Comparison(double ratio, double gflops) {}

    private Comparison compare(Workers workers, Shape shape, Layout layout) {
        int m = shape.m();
        int n = shape.n();
        int k = shape.k();
        int batch = shape.batch();
        float[] a = random(batch * m * k, 1);
        float[] b = random(batch * n * k, 2);
        float[] c = new float[batch * m * n];
        int aStride = layout == Layout.TN ? m : k;
        int bStride = layout == Layout.NT ? k : n;
        Runnable ours = batch == 1
                ? () -> kernels.matmul(workers, layout, m, n, k, a, 0, aStride, b, 0, bStride, c, 0, n, Epilogue.ASSIGN)
                : () -> workers.run(
                        batch,
                        (i, scratch) -> kernels.matmul(
                                scratch,
                                layout,
                                m,
                                n,
                                k,
                                a,
                                i * m * k,
                                aStride,
                                b,
                                i * n * k,
                                bStride,
                                c,
                                i * m * n,
                                n,
                                Epilogue.ASSIGN));
        try (FloatPointer pa = new FloatPointer(a);
                FloatPointer pb = new FloatPointer(b);
                FloatPointer pc = new FloatPointer((long) batch * m * n)) {
            FloatPointer[] as = parts(pa, batch, m * k);
            FloatPointer[] bs = parts(pb, batch, n * k);
            FloatPointer[] cs = parts(pc, batch, m * n);
            Runnable theirs = () -> {
                for (int i = 0; i < batch; i++) {
                    OpenBlas.multiply(layout, m, n, k, as[i], bs[i], 0, cs[i]);
                }
            };
            Comparison result = inTurn(workers.count() == 1, ours, theirs, shape.operations());
            requireEqual(c, pc, k);
            return result;
        }
    }

    private static FloatPointer[] parts(FloatPointer whole, int count, int length) {
        FloatPointer[] parts = new FloatPointer[count];
        for (int i = 0; i < count; i++) {
            parts[i] = new FloatPointer(whole).position((long) i * length);
        }
        return parts;
    }

    private static void requireEqual(float[] ours, FloatPointer theirs, int k) {
        float[] copy = new float[ours.length];
        theirs.get(copy);
        for (int i = 0; i < copy.length; i++) {
            if (!(Math.abs(ours[i] - copy[i]) <= 4e-6 * Math.sqrt(k))) {
                throw new IllegalStateException(
                        "the products differ at element " + i + ": " + ours[i] + " and " + copy[i]);
            }
        }
    }

    private Comparison inTurn(boolean alone, Runnable ours, Runnable theirs, long operations) {
        int repeats = repeats(alone, ours);
        time(alone, theirs, repeats);
        double[] ratios = new double[rounds];
        double[] seconds = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            seconds[round] = timeAwake(alone, ours, repeats);
            ratios[round] = timeAwake(alone, theirs, repeats) / seconds[round];
        }
        return new Comparison(median(ratios), operations / median(seconds) * 1e-9);
    }

    private static int repeats(boolean alone, Runnable task) {
        double once = Math.min(time(alone, task, 1), time(alone, task, 1));
        return (int) Math.clamp(SECONDS_PER_SIDE / once, 1, 20_000);
    }

    /// The time of a side while the threads of the other are asleep and its own awake.
    private static double timeAwake(boolean alone, Runnable task, int repeats) {
        if (!alone) {
            LockSupport.parkNanos(UNTIL_ASLEEP_NANOS);
            task.run();
        }
        return time(alone, task, repeats);
    }

    private static double time(boolean alone, Runnable task, int repeats) {
        long start = Clock.nanos(alone);
        for (int i = 0; i < repeats; i++) {
            task.run();
        }
        return (Clock.nanos(alone) - start) * 1e-9 / repeats;
    }

    /// A linear layer's forward and both products of its backward, for 8 micro-batches between two steps: our weight is
    /// packed for the first and kept for the others, as in training.
    private double linear(Workers workers) {
        OpenBlas.threads(workers.count());
        int rows = 512;
        int in = 768;
        int out = 768;
        float[] x = random(rows * in, 1);
        float[] weight = random(out * in, 2);
        float[] dY = random(rows * out, 3);
        float[] y = new float[rows * out];
        float[] dX = new float[rows * in];
        float[] dW = new float[out * in];
        Panels nt = new Panels();
        Panels nn = new Panels();
        Epilogue assign = Epilogue.ASSIGN;
        Epilogue add = Epilogue.ACCUMULATE;
        Runnable ours = () -> {
            nt.invalidate();
            nn.invalidate();
            for (int batch = 0; batch < 8; batch++) {
                kernels.matmul(workers, Layout.NT, rows, out, in, x, 0, in, weight, 0, in, y, 0, out, assign, nt);
                kernels.matmul(workers, Layout.NN, rows, in, out, dY, 0, out, weight, 0, in, dX, 0, in, assign, nn);
                kernels.matmul(workers, Layout.TN, out, in, rows, dY, 0, out, x, 0, in, dW, 0, in, add);
            }
        };
        try (FloatPointer px = new FloatPointer(x);
                FloatPointer pw = new FloatPointer(weight);
                FloatPointer pdY = new FloatPointer(dY);
                FloatPointer py = new FloatPointer(y);
                FloatPointer pdX = new FloatPointer(dX);
                FloatPointer pdW = new FloatPointer(dW)) {
            Runnable theirs = () -> {
                for (int batch = 0; batch < 8; batch++) {
                    OpenBlas.multiply(Layout.NT, rows, out, in, px, pw, 0, py);
                    OpenBlas.multiply(Layout.NN, rows, in, out, pdY, pw, 0, pdX);
                    OpenBlas.multiply(Layout.TN, out, in, rows, pdY, px, 1, pdW);
                }
            };
            double ratio = inTurn(workers.count() == 1, ours, theirs, 48L * rows * in * out)
                    .ratio();
            System.out.printf("%nlinear layer, forward and backward, 8 micro-batches: ratio %.2f%n", ratio);
            return rounded(ratio);
        }
    }

    /// The shares of the read bandwidth that matrix times vector reaches, for floats and for each block format.
    private Map<String, Object> matvec(Workers workers) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("f32", matrixTimesVector(workers));
        BlockMatvec.measure(workers, rounds).forEach((format, result) -> {
            System.out.printf(
                    "matrix x vector, %s: %.1f GB/s, %.2f of the read bandwidth; %.1f G weights/s in the cache of"
                            + " one%n",
                    format, result.gigabytesPerSecond(), result.bandwidthShare(), result.cachedWeightsPerSecond());
            json.put(
                    format.name(),
                    Map.of(
                            "gigabytesPerSecond",
                            rounded(result.gigabytesPerSecond()),
                            "bandwidthShare",
                            rounded(result.bandwidthShare())));
        });
        return json;
    }

    private Map<String, Object> matrixTimesVector(Workers workers) {
        int rows = 16384;
        int columns = 4096;
        float[] weight = random(rows * columns, 1);
        float[] x = random(columns, 2);
        float[] y = new float[rows];
        Runnable product = () -> kernels.matmul(
                workers, Layout.NT, 1, rows, columns, x, 0, columns, weight, 0, columns, y, 0, rows, Epilogue.ASSIGN);
        double best = 0;
        for (int round = 0; round < 10 + rounds; round++) {
            best = Math.max(best, 4.0 * rows * columns / time(false, product, 1) * 1e-9);
        }
        double limit = MachineLimits.readBandwidth(workers);
        System.out.printf("matrix x vector, f32: %.1f GB/s of %.1f that can be read%n", best, limit);
        return Map.of("gigabytesPerSecond", rounded(best), "bandwidthShare", rounded(best / limit));
    }

    /// From the call until the calling thread sees that a second one has begun a block: the median of many.
    private static double dispatchNanos(Workers workers) {
        double[] nanos = new double[20_000];
        AtomicInteger begun = new AtomicInteger();
        for (int i = 0; i < nanos.length; i++) {
            begun.set(0);
            long start = System.nanoTime();
            workers.run(2, (block, scratch) -> {
                begun.incrementAndGet();
                while (begun.get() < 2) {
                    Thread.onSpinWait();
                }
            });
            nanos[i] = System.nanoTime() - start;
        }
        double median = median(Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length));
        System.out.printf("dispatch to a second worker and back, warm: %.0f ns%n", median);
        return median;
    }

    private static float[] random(int length, long seed) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double minimum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    private static double geometricMean(List<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
