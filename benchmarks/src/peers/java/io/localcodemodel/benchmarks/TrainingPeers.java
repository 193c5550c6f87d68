package io.localcodemodel.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/// Trains the same model on the same batches with this library and with PyTorch, round by round in turn.
///
/// Each side runs in a process of its own, so that memory can be told apart. Before timing, the losses of the first steps
/// are compared: both start from the same weights. Usage: `TrainingPeers [--quick] [--model NAME] [--threads N]`, where
/// NAME is `a`, `b` or `c` (the GPT and its LLaMA-style twin) or one shape such as `llama-b`.
public final class TrainingPeers {
    /// How far the losses of the two sides may lie apart after each of the compared steps.
    private static final float LOSS_TOLERANCE = 2e-3f;

    private static final int COMPARED_STEPS = 5;

    /// What docs/training-speed.md tells users to start Java with where memory counts: a step makes next to no garbage, so
    /// that the space for young objects may be small, and what is large and lives long is not moved about.
    private static final List<String> LOCAL_OPTIONS = List.of("-Xmx6g", "-XX:+UseSerialGC", "-Xmn8m");

    /// The virtual machine around PyTorch holds the initial weights for a moment and gives their space back.
    private static final List<String> PYTORCH_OPTIONS = List.of(
            "-Xmx2g", "-XX:+UseSerialGC", "-Xmn8m", "-Xms16m", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");

    private TrainingPeers() {}

    /// Compares; the arguments are those of the class comment.
    public static void main(String[] arguments) throws IOException {
        List<String> options = Arrays.asList(arguments);
        boolean quick = options.contains("--quick");
        String model = value(options, "--model", "");
        String threads = value(options, "--threads", quick ? "2" : "1,2");
        // The script that starts this program points these at the official build of PyTorch.
        List<String> pytorch = new ArrayList<>(PYTORCH_OPTIONS);
        for (String property :
                List.of("java.library.path", "org.bytedeco.javacpp.pathsFirst", "org.bytedeco.javacpp.cachedir")) {
            pytorch.add("-D" + property + "=" + System.getProperty(property, ""));
        }

        Map<String, Object> figures = new LinkedHashMap<>();
        System.out.printf("%nTraining, f32, AdamW, forward + backward + step; JDK %s%n", Runtime.version());
        for (TrainingShape shape : TrainingShape.all()) {
            boolean wanted = model.isEmpty()
                    ? !quick || shape.name().endsWith("-a")
                    : shape.name().equals(model) || shape.name().endsWith("-" + model);
            if (wanted) {
                Map<String, Object> ofShape = new LinkedHashMap<>();
                for (String count : threads.split(",", -1)) {
                    ofShape.put(count, compare(shape, Integer.parseInt(count), quick, pytorch));
                }
                figures.put(shape.name(), ofShape.getOrDefault("2", ofShape));
                if (ofShape.size() > 1) {
                    figures.put(shape.name() + ".oneThread", ofShape.get("1"));
                }
            }
        }
        System.out.println(JSON.std.asString(figures));
    }

    private static String value(List<String> options, String name, String otherwise) {
        int at = options.indexOf(name);
        return at < 0 || at + 1 >= options.size() ? otherwise : options.get(at + 1);
    }

    private static Map<String, Object> compare(TrainingShape shape, int threads, boolean quick, List<String> pytorch)
            throws IOException {
        // Before the sides begin: a neighbour's thread that still spins would halve it.
        double peak = MachineLimits.multiplyAddPeak(threads);
        try (TrainingProcess ours = new TrainingProcess(LocalTrainingSide.class, LOCAL_OPTIONS, shape, threads);
                TrainingProcess theirs = new TrainingProcess(PyTorchTrainingSide.class, pytorch, shape, threads)) {
            float difference = compareLosses(ours, theirs);
            double roundSeconds = quick ? 1 : 3;
            int ourSteps = calibrate(ours, roundSeconds);
            int theirSteps = calibrate(theirs, roundSeconds);
            List<Double> ourRates = new ArrayList<>();
            List<Double> theirRates = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < (quick ? 3 : 7); round++) {
                double mine = rate(shape, ours, ourSteps);
                double other = rate(shape, theirs, theirSteps);
                ourRates.add(mine);
                theirRates.add(other);
                ratios.add(mine / other);
            }
            long ourMemory = ours.finish();
            long theirMemory = theirs.finish();
            double share = median(ourRates) * shape.operationsPerToken() / 1e9 / peak;
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %d threads: %7.0f tokens/s [best %.0f] | PyTorch %7.0f [best %.0f] | ratio %.2f (%s)%n"
                            + "         peak share %.0f%% of %.0f GFLOP/s | memory %d MB | PyTorch %d MB | ratio %.2f"
                            + " | losses differ by at most %.1e%n",
                    shape.name(),
                    threads,
                    median(ourRates),
                    ourRates.stream().max(Double::compare).orElse(0.0),
                    median(theirRates),
                    theirRates.stream().max(Double::compare).orElse(0.0),
                    median(ratios),
                    String.join(
                            " ",
                            ratios.stream()
                                    .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                                    .toList()),
                    100 * share,
                    peak,
                    ourMemory >> 20,
                    theirMemory >> 20,
                    (double) ourMemory / theirMemory,
                    difference);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("ratio", median(ratios));
            figures.put("memoryRatio", (double) ourMemory / theirMemory);
            figures.put("tokensPerSecond", median(ourRates));
            figures.put("peerTokensPerSecond", median(theirRates));
            figures.put("peakShare", share);
            return figures;
        }
    }

    private static float compareLosses(TrainingProcess ours, TrainingProcess theirs) throws IOException {
        float most = 0;
        for (int step = 0; step < COMPARED_STEPS; step++) {
            float mine = ours.round(1).loss();
            float other = theirs.round(1).loss();
            most = Math.max(most, Math.abs(mine - other));
            if (!(Math.abs(mine - other) < LOSS_TOLERANCE)) {
                throw new IllegalStateException(
                        "the losses of step " + (step + 1) + " do not agree: ours " + mine + ", PyTorch's " + other);
            }
        }
        return most;
    }

    /// Warms a side up and returns how many steps it does in about that time.
    private static int calibrate(TrainingProcess side, double seconds) throws IOException {
        double spent = 0;
        int steps = 1;
        while (true) {
            double took = side.round(steps).seconds();
            spent += took;
            if (spent > 2 * seconds) {
                return (int) Math.max(1, Math.round(steps * seconds / took));
            }
            if (took < seconds / 2) {
                steps *= 2;
            }
        }
    }

    private static double rate(TrainingShape shape, TrainingProcess side, int steps) throws IOException {
        return (double) steps * shape.tokensPerStep() / side.round(steps).seconds();
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
