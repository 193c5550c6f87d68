package io.localcodemodel.benchmarks;

import static io.localcodemodel.benchmarks.Figures.median;
import static io.localcodemodel.benchmarks.Figures.rounded;
import static io.localcodemodel.benchmarks.ProductComparison.random;

import com.sun.management.OperatingSystemMXBean;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import io.localcodemodel.tensor.kernel.Workers;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.FloatPointer;
import tools.jackson.jr.ob.JSON;

/// The matrix products against OpenBLAS and, with `--more-peers`, against oneDNN and MKL, in one process, round by round
/// in turn.
///
/// A ratio is the peer's time over ours in the same round, and what is reported is the median over the rounds: above 1
/// this library is faster. With one thread the times are processor time, see [Clock]. Shares are of the machine's limits
/// as measured in the same run.
public final class KernelPeers {
    private static final List<Product> DENSE = List.of(
            new Product(Layout.NN, 512, 512, 512, 1),
            new Product(Layout.NN, 1024, 1024, 1024, 1),
            new Product(Layout.NN, 256, 768, 768, 1),
            new Product(Layout.NN, 1024, 2304, 768, 1),
            new Product(Layout.NN, 1024, 768, 3072, 1));
    private static final List<Product> ATTENTION =
            List.of(new Product(Layout.NN, 256, 256, 64, 64), new Product(Layout.NN, 256, 64, 256, 64));
    private static final List<Product> FEW_ROWS = List.of(
            new Product(Layout.NT, 1, 768, 768, 1),
            new Product(Layout.NT, 4, 768, 768, 1),
            new Product(Layout.NT, 16, 768, 768, 1),
            new Product(Layout.NT, 1, 32000, 768, 1),
            new Product(Layout.NT, 4, 32000, 768, 1),
            new Product(Layout.NT, 16, 32000, 768, 1),
            new Product(Layout.NT, 256, 32000, 768, 1));
    private static final long BUSY_NANOS = 400_000_000;

    private final Kernels kernels = Kernels.fastest();
    private final OpenBlas openBlas = new OpenBlas(kernels.name().equals("vector-512"));
    private final List<MatrixPeer> peers = new ArrayList<>(List.of(openBlas));
    private final int rounds;

    private KernelPeers(int rounds, boolean morePeers) {
        this.rounds = rounds;
        if (morePeers) {
            ServiceLoader.load(MatrixPeer.class).forEach(peers::add);
        }
    }

    /// Runs the comparison; `--quick` takes fewer rounds.
    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments);
        KernelPeers comparison =
                new KernelPeers(options.contains("--quick") ? 5 : 25, options.contains("--more-peers"));
        System.out.println(JSON.std.asString(comparison.report()));
    }

    private List<MatrixPeer> more() {
        return peers.subList(1, peers.size());
    }

    private Map<String, Object> report() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kernels", kernels.name());
        json.put("openBlasKernels", openBlas.kernels());
        json.put("jdk", Runtime.version().toString());
        System.out.printf("%s against OpenBLAS with kernels for %s%n", kernels.name(), openBlas.kernels());
        for (MatrixPeer peer : more()) {
            System.out.printf("and %s %s%n", peer.name(), peer.kernels());
        }
        try (Workers one = Workers.of(1);
                Workers two = Workers.of(2)) {
            warmUp(one);
            warmUp(two);
            List<Map<String, Object>> oneThread = threads(one);
            List<Map<String, Object>> twoThreads = threads(two);
            json.put("oneThread", oneThread.getFirst());
            json.put("twoThreads", twoThreads.getFirst());
            json.put("linear", Map.of("ratio", linear(two)));
            json.put("matvec", matvec(two));
            json.put("dispatchNanos", dispatchNanos(two));
            for (MatrixPeer peer : more()) {
                int index = peers.indexOf(peer);
                json.put(
                        peer.key(),
                        Map.of(
                                "kernels", peer.kernels(),
                                "oneThread", oneThread.get(index),
                                "twoThreads", twoThreads.get(index)));
            }
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

    /// What is to be reported of each peer.
    private List<Map<String, Object>> threads(Workers workers) {
        ProductComparison comparison = new ProductComparison(kernels, workers, peers, rounds);
        double peak = MachineLimits.multiplyAddPeak(workers);
        System.out.printf("%n%d thread(s), multiply-add peak %.0f GFLOP/s%n", workers.count(), peak);
        Map<Product, ProductComparison.Result> dense = compare(comparison, inEveryLayout(DENSE), peak);
        Map<Product, ProductComparison.Result> attention = compare(comparison, inEveryLayout(ATTENTION), peak);
        Map<Product, ProductComparison.Result> few = compare(comparison, FEW_ROWS, peak);
        List<Map<String, Object>> figures = new ArrayList<>();
        for (int peer = 0; peer < peers.size(); peer++) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("peakGflops", rounded(peak));
            double meanLogarithm = ratios(dense, peer).map(Math::log).average().orElseThrow();
            json.put("geomean", rounded(Math.exp(meanLogarithm)));
            json.put("min", rounded(ratios(dense, peer).min().orElseThrow()));
            json.put("attentionMin", rounded(ratios(attention, peer).min().orElseThrow()));
            json.put("fewRowsMin", rounded(ratios(few, peer).min().orElseThrow()));
            json.put("busyProcessors", rounded(busyProcessors(peers.get(peer))));
            System.out.printf("%s %s%n", peers.get(peer).name(), json);
            Map<String, Object> shapes = new LinkedHashMap<>();
            for (Map<Product, ProductComparison.Result> group : List.of(dense, attention, few)) {
                addShapes(shapes, group, peer, peak);
            }
            json.put("shapes", shapes);
            figures.add(json);
        }
        return figures;
    }

    private static void addShapes(
            Map<String, Object> shapes, Map<Product, ProductComparison.Result> results, int peer, double peak) {
        results.forEach((product, result) -> shapes.put(
                product.toString(),
                Map.of(
                        "ratio",
                        rounded(result.ratios()[peer]),
                        "gflops",
                        rounded(result.gflops()),
                        "peakShare",
                        rounded(result.gflops() / peak))));
    }

    private static List<Product> inEveryLayout(List<Product> products) {
        return products.stream()
                .flatMap(product -> Arrays.stream(Layout.values()).map(product::in))
                .toList();
    }

    private Map<Product, ProductComparison.Result> compare(
            ProductComparison comparison, List<Product> products, double peak) {
        Map<Product, ProductComparison.Result> results = new LinkedHashMap<>();
        for (Product product : products) {
            ProductComparison.Result result = comparison.compare(product);
            results.put(product, result);
            System.out.printf(
                    "%-23s  %6.1f GFLOP/s  %3.0f%% of peak  ratio %.2f",
                    product, result.gflops(), 100 * result.gflops() / peak, result.ratios()[0]);
            for (int peer = 1; peer < peers.size(); peer++) {
                System.out.printf(", to %s %.2f", peers.get(peer).name(), result.ratios()[peer]);
            }
            System.out.println();
        }
        return results;
    }

    private static DoubleStream ratios(Map<Product, ProductComparison.Result> results, int peer) {
        return results.values().stream().mapToDouble(result -> result.ratios()[peer]);
    }

    /// How many processors a peer keeps busy with a product that is large enough to share: shows that it runs on the
    /// threads that it was told to.
    private static double busyProcessors(MatrixPeer peer) {
        try (FloatPointer a = new FloatPointer(random(1 << 20, 1));
                FloatPointer c = new FloatPointer(1L << 20)) {
            Runnable task = peer.prepare(new Product(Layout.NN, 1024, 1024, 1024, 1), a, a, c);
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long began = System.nanoTime();
            long processorTime = system.getProcessCpuTime();
            while (System.nanoTime() - began < BUSY_NANOS) {
                task.run();
            }
            return (system.getProcessCpuTime() - processorTime) / (double) (System.nanoTime() - began);
        }
    }

    /// A linear layer's forward and both products of its backward, for 8 micro-batches between two steps: our weight is
    /// packed for the first and kept for the others, as in training.
    private double linear(Workers workers) {
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
            Product forward = new Product(Layout.NT, rows, out, in, 1);
            Product toInput = new Product(Layout.NN, rows, in, out, 1);
            Product toWeight = new Product(Layout.TN, out, in, rows, 1);
            Runnable theirs = () -> {
                for (int batch = 0; batch < 8; batch++) {
                    OpenBlas.multiply(forward, px, pw, 0, py);
                    OpenBlas.multiply(toInput, pdY, pw, 0, pdX);
                    OpenBlas.multiply(toWeight, pdY, px, 1, pdW);
                }
            };
            double ratio = new ProductComparison(kernels, workers, List.of(openBlas), rounds)
                    .inTurn(48L * rows * in * out, ours, theirs)
                    .ratios()[0];
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
            best = Math.max(best, 4.0 * rows * columns / seconds(product) * 1e-9);
        }
        double limit = MachineLimits.readBandwidth(workers);
        System.out.printf("matrix x vector, f32: %.1f GB/s of %.1f that can be read%n", best, limit);
        return Map.of("gigabytesPerSecond", rounded(best), "bandwidthShare", rounded(best / limit));
    }

    private static double seconds(Runnable task) {
        long start = System.nanoTime();
        task.run();
        return (System.nanoTime() - start) * 1e-9;
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
}
