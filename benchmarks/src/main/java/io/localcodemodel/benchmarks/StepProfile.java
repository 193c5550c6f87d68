package io.localcodemodel.benchmarks;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.MasterWeights;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.training.TrainingEvent.MemoryUse;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where the time of a training step without its optimiser goes, operation by operation.
///
/// Arguments: `--model gpt-b` (any of [TrainingShape], such as `main`, the main job's; default gpt-b), `--threads n`
/// (default: all), `--steps n`, `--recompute`, `--bf16`, `--quick`.
public final class StepProfile {
    private final TrainingShape shape;
    private final Transformer model;
    private final Compute compute;
    private final Arena arena = new Arena();
    private final TokenBatch batch;
    private final int[] targets;
    private final Precision precision;
    private final boolean recompute;

    private StepProfile(TrainingShape shape, Compute compute, Precision precision, boolean recompute) {
        this.shape = shape;
        this.compute = compute;
        this.precision = precision;
        this.recompute = recompute;
        model = shape.model();
        if (precision == Precision.BF16) {
            model.parameters().stream()
                    .filter(parameter -> parameter.role() != Parameter.Role.VECTOR)
                    .forEach(parameter -> MasterWeights.split(compute, parameter.variable()));
        }
        int[][] windows = new int[shape.batch()][shape.window()];
        targets = new int[shape.tokensPerStep()];
        int vocabulary = shape.config().vocabularySize();
        for (int t = 0; t < targets.length; t++) {
            windows[t / shape.window()][t % shape.window()] = (int) (Randomness.uniform(1, t) * vocabulary);
            targets[t] = (int) (Randomness.uniform(2, t) * vocabulary);
        }
        batch = TokenBatch.windows(windows);
    }

    /// Runs the program.
    public static void main(String[] arguments) {
        List<String> given = Arrays.asList(arguments);
        TrainingShape shape = TrainingShape.named(value(given, "--model", "gpt-b"));
        int threads = Integer.parseInt(
                value(given, "--threads", "" + Runtime.getRuntime().availableProcessors()));
        int steps = Integer.parseInt(value(given, "--steps", given.contains("--quick") ? "4" : "12"));
        Precision precision = given.contains("--bf16") ? Precision.BF16 : Precision.F32;
        try (Compute compute = Compute.create(threads)) {
            new StepProfile(shape, compute, precision, given.contains("--recompute")).measure(steps);
        }
    }

    private static String value(List<String> given, String option, String otherwise) {
        int at = given.indexOf(option);
        return at < 0 ? otherwise : given.get(at + 1);
    }

    private void measure(int steps) {
        for (int i = 0; i < Math.max(3, steps / 2); i++) {
            step(null);
        }
        double[] plain = new double[steps];
        long allocated = allocatedBytes();
        for (int i = 0; i < steps; i++) {
            long begin = System.nanoTime();
            step(null);
            plain[i] = (System.nanoTime() - begin) * 1e-9;
        }
        allocated = (allocatedBytes() - allocated) / steps;
        Arrays.sort(plain);
        Profile profile = new Profile();
        for (int i = 0; i < steps; i++) {
            step(profile);
        }
        report(profile, plain, allocated);
    }

    private void step(@Nullable Profile profile) {
        try (Pass pass = Pass.training(compute, arena, 1)
                .profiled(profile)
                .recomputing(recompute)
                .precision(precision)) {
            Var loss = model.loss(pass, batch, targets);
            pass.backward(loss);
        }
        for (Parameter parameter : model.parameters()) {
            parameter.variable().clearGradient();
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    private void report(Profile profile, double[] plain, long allocated) {
        int steps = plain.length;
        double median = plain[steps / 2];
        System.out.printf(
                Locale.ROOT,
                "model %s: %,d parameters, %d x %d tokens, %s kernels, %d workers%n",
                shape.name(),
                model.parameterCount(),
                shape.batch(),
                shape.window(),
                compute.kernels().name(),
                compute.workers().count());
        System.out.printf(
                Locale.ROOT,
                "step %.1f ms (best %.1f), %.0f tokens/s, activations %.1f MiB, allocated per step %,d bytes%n",
                median * 1e3,
                plain[0] * 1e3,
                shape.tokensPerStep() / median,
                arena.peakBytes() / 1048576.0,
                allocated);
        System.out.print(profile.table(steps));
        long weights = Float.BYTES * model.parameterCount();
        long scratch = compute.workers().scratchBytes();
        MemoryUse memory = new MemoryUse(weights, weights, 0, arena.peakBytes(), scratch, 0, 0);
        System.out.printf("%nmost memory%n%s%n", memory.table());
        long flops = profile.lines().stream().mapToLong(Profile.Line::flops).sum();
        System.out.printf(
                Locale.ROOT,
                "{\"model\":\"%s\",\"tokensPerSecond\":%.0f,\"gigaflopsPerSecond\":%.1f,\"activationBytes\":%d,"
                        + "\"allocatedBytesPerStep\":%d}%n",
                shape.name(),
                shape.tokensPerStep() / median,
                flops * 1e-9 / steps / median,
                arena.peakBytes(),
                allocated);
    }
}
