package io.localcodemodel.benchmarks;

import io.localcodemodel.benchmarks.ladder.Blocked;
import io.localcodemodel.benchmarks.ladder.Library;
import io.localcodemodel.benchmarks.ladder.LoopOrder;
import io.localcodemodel.benchmarks.ladder.Naive;
import io.localcodemodel.benchmarks.ladder.Packed;
import io.localcodemodel.benchmarks.ladder.RegisterTile;
import io.localcodemodel.benchmarks.ladder.Rung;
import io.localcodemodel.benchmarks.ladder.VectorLanes;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/// Climbs the ladder of matrix products, checks that all rungs agree, and writes a table and a chart.
public final class MatmulLadder {
    private static final int SIZE = 768;
    /// A rung runs for this long at least: a large tile takes the compiler a second.
    private static final long WARM_NANOS = 4_000_000_000L;
    private static final String USAGE = "Usage: benchmarks/run MatmulLadder [--quick] [--chart FILE.svg]\n";

    private MatmulLadder() {}

    /// Runs the ladder.
    public static void main(String[] arguments) throws IOException {
        boolean quick = Arrays.asList(arguments).contains("--quick");
        int chartAt = Arrays.asList(arguments).indexOf("--chart");
        if (chartAt == arguments.length - 1) {
            System.err.print(USAGE);
            System.exit(2);
        }
        Map<String, Double> speeds = new LinkedHashMap<>();
        int processors = Runtime.getRuntime().availableProcessors();
        double peak;
        try (Workers one = Workers.of(1);
                Workers all = Workers.of(processors)) {
            Map<String, Rung> rungs = new LinkedHashMap<>();
            rungs.put("naive", new Naive());
            rungs.put("loop order", new LoopOrder());
            rungs.put("blocked", new Blocked());
            rungs.put("vector lanes", new VectorLanes());
            rungs.put("register tile", new RegisterTile());
            rungs.put("packed", new Packed());
            rungs.put("library, 1 thread", new Library(one));
            rungs.put("library, " + processors + " threads", new Library(all));
            climb(rungs, quick ? 3 : 9, speeds);
            peak = MachineLimits.multiplyAddPeak(one);
        }
        System.out.printf(
                "%d x %d x %d, JDK %s, %s; multiply-add peak of one thread %.0f GFLOP/s%n%n",
                SIZE, SIZE, SIZE, Runtime.version(), LocalDate.now(ZoneId.systemDefault()), peak);
        System.out.println("| rung | GFLOP/s | of one thread's peak |\n|---|---|---|");
        speeds.forEach((name, speed) ->
                System.out.printf(Locale.ROOT, "| %s | %.1f | %.0f%% |%n", name, speed, 100 * speed / peak));
        if (chartAt >= 0) {
            Files.writeString(Path.of(arguments[chartAt + 1]), chart(speeds, peak));
        }
        System.out.println(JSON.std.asString(Map.of("peakGflops", peak, "gflops", speeds)));
    }

    private static void climb(Map<String, Rung> rungs, int rounds, Map<String, Double> speeds) {
        float[] a = random(1);
        float[] b = random(2);
        float[] expected = new float[SIZE * SIZE];
        new Naive().multiply(SIZE, a, b, expected);
        rungs.forEach((name, rung) -> {
            float[] c = new float[SIZE * SIZE];
            double best = Double.MAX_VALUE;
            long end = System.nanoTime() + WARM_NANOS;
            for (int round = 0; round < rounds || System.nanoTime() < end; round++) {
                Arrays.fill(c, Float.NaN);
                boolean alone = !(rung instanceof Library library) || library.threads() == 1;
                long start = Clock.nanos(alone);
                rung.multiply(SIZE, a, b, c);
                best = Math.min(best, (Clock.nanos(alone) - start) * 1e-9);
            }
            requireEqual(name, expected, c);
            speeds.put(name, 2.0 * SIZE * SIZE * SIZE / best * 1e-9);
        });
    }

    private static float[] random(long seed) {
        float[] values = new float[SIZE * SIZE];
        for (int i = 0; i < values.length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }

    private static void requireEqual(String name, float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= 1e-4)) {
                throw new IllegalStateException(
                        name + ": element " + i + " is " + actual[i] + ", expected " + expected[i]);
            }
        }
    }

    /// Bars on a logarithmic axis, each rung's speed beside it.
    private static String chart(Map<String, Double> speeds, double peak) {
        double most = Math.log10(Math.max(
                peak, speeds.values().stream().mapToDouble(x -> x).max().orElse(1)));
        double least =
                Math.log10(speeds.values().stream().mapToDouble(x -> x).min().orElse(0.1)) - 0.3;
        StringBuilder svg = new StringBuilder();
        int height = 30 * speeds.size() + 50;
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 %d\" font-family=\"sans-serif\""
                        + " font-size=\"13\">%n<rect width=\"720\" height=\"%d\" fill=\"white\"/>%n",
                height,
                height));
        int y = 10;
        for (Map.Entry<String, Double> rung : speeds.entrySet()) {
            double width = 430 * (Math.log10(rung.getValue()) - least) / (most - least);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"150\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect x=\"160\" y=\"%d\" width=\"%.1f\" height=\"20\" fill=\"#3b6ea5\"/>"
                            + "<text x=\"%.1f\" y=\"%d\">%.1f GFLOP/s</text>%n",
                    y + 15,
                    rung.getKey(),
                    y,
                    width,
                    166 + width,
                    y + 15,
                    rung.getValue()));
            y += 30;
        }
        double line = 160 + 430 * (Math.log10(peak) - least) / (most - least);
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"5\" y2=\"%d\" stroke=\"#b03030\" stroke-dasharray=\"4 3\"/>"
                        + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"end\">multiply-add peak of one thread: %.0f GFLOP/s"
                        + " (logarithmic axis)</text>%n</svg>%n",
                line,
                line,
                y + 5,
                line,
                y + 22,
                peak));
        return svg.toString();
    }
}
