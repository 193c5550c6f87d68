package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Activate;
import io.localcodemodel.tensor.op.Linear;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.jr.ob.JSON;

/// The first half of a feed-forward layer on all threads: activated within its product, and after it, in rounds that take turns.
/// With a way back, which needs what goes into the activation, both are written; without one the activated numbers alone.
///
/// Arguments: `--quick`. The last line is one JSON object with the median ratios of speed, within over after.
public final class ActivatedProduct {
    private static final int WARM_UP = 60;
    private static final int CALLS = 4;

    private final Compute compute;
    private final Arena arena = new Arena();
    private final boolean recording;
    private final Var x;
    private final Var weight;
    private final Var bias;

    private ActivatedProduct(Compute compute, boolean recording, int rows, int out, int in) {
        this.compute = compute;
        this.recording = recording;
        x = normal(rows, in);
        weight = normal(out, in);
        bias = Var.parameter(Tensor.zeros(Shape.of(out)));
    }

    private static Var normal(int rows, int columns) {
        Tensor tensor = Tensor.zeros(Shape.of(rows, columns));
        Randomness.fillNormal(tensor, 0.5f, rows);
        return Var.parameter(tensor);
    }

    /// Runs the program.
    public static void main(String[] arguments) throws IOException {
        int rounds = List.of(arguments).contains("--quick") ? 30 : 100;
        int[][] shapes = {{768, 512, 128}, {2048, 1536, 384}, {256, 3072, 768}};
        Map<String, Object> json = new LinkedHashMap<>();
        try (Compute compute = Compute.create(Runtime.getRuntime().availableProcessors())) {
            for (int[] shape : shapes) {
                for (boolean recording : new boolean[] {true, false}) {
                    String name = shape[0] + "x" + shape[1] + "x" + shape[2] + (recording ? " recording" : "");
                    json.put(
                            name,
                            new ActivatedProduct(compute, recording, shape[0], shape[1], shape[2])
                                    .compare(name, rounds));
                }
            }
        }
        System.out.println(JSON.std.asString(json));
    }

    private double compare(String name, int rounds) {
        double[] within = new double[rounds];
        double[] after = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = -WARM_UP; i < rounds; i++) {
            double one = milliseconds(this::within);
            double other = milliseconds(this::after);
            if (i >= 0) {
                within[i] = one;
                after[i] = other;
                ratios[i] = other / one;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-24s within %7.3f ms   after %7.3f ms   ratio %5.3f%n",
                name,
                median(within),
                median(after),
                median(ratios));
        return median(ratios);
    }

    private static double milliseconds(Runnable call) {
        long began = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (System.nanoTime() - began) * 1e-6 / CALLS;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private Pass pass() {
        return recording ? Pass.recording(compute, arena) : Pass.inference(compute, arena);
    }

    private void within() {
        try (Pass pass = pass()) {
            Linear.activated(pass, Activation.GELU_TANH, x, weight, bias);
        }
    }

    private void after() {
        try (Pass pass = pass()) {
            Activate.apply(pass, Activation.GELU_TANH, Linear.apply(pass, x, weight, bias));
        }
    }
}
