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
    private StepProfile() {}

    /// Runs the program.
    public static void main(String[] arguments) {
        List<String> given = Arrays.asList(arguments);
        TrainingShape shape = TrainingShape.named(value(given, "--model", "gpt-b"));
        int threads = Integer.parseInt(
                value(given, "--threads", "" + Runtime.getRuntime().availableProcessors()));
        int steps = Integer.parseInt(value(given, "--steps", given.contains("--quick") ? "4" : "12"));
        Transformer model = shape.model();
        Arena arena = new Arena();
        try (Compute compute = Compute.create(threads)) {
            if (given.contains("--bf16")) {
                model.parameters().stream()
                        .filter(parameter -> parameter.role() != Parameter.Role.VECTOR)
                        .forEach(parameter -> MasterWeights.split(compute, parameter.variable()));
            }
            for (int i = 0; i < Math.max(3, steps / 2); i++) {
                step(model, shape, compute, arena, null, given);
            }
            double[] plain = new double[steps];
            long allocated = allocatedBytes();
            for (int i = 0; i < steps; i++) {
                long begin = System.nanoTime();
                step(model, shape, compute, arena, null, given);
                plain[i] = (System.nanoTime() - begin) * 1e-9;
            }
            allocated = (allocatedBytes() - allocated) / steps;
            Arrays.sort(plain);
            Profile profile = new Profile();
            for (int i = 0; i < steps; i++) {
                step(model, shape, compute, arena, profile, given);
            }
            report(shape, model, compute, arena, profile, steps, plain, allocated);
        }
    }

    private static String value(List<String> given, String option, String otherwise) {
        int at = given.indexOf(option);
        return at < 0 ? otherwise : given.get(at + 1);
    }

    private static void step(
            Transformer model,
            TrainingShape shape,
            Compute compute,
            Arena arena,
            @Nullable Profile profile,
            List<String> given) {
        int[][] windows = new int[shape.batch()][shape.window()];
        int[] targets = new int[shape.tokensPerStep()];
        int vocabulary = shape.config().vocabularySize();
        for (int t = 0; t < targets.length; t++) {
            windows[t / shape.window()][t % shape.window()] = (int) (Randomness.uniform(1, t) * vocabulary);
            targets[t] = (int) (Randomness.uniform(2, t) * vocabulary);
        }
        Precision precision = given.contains("--bf16") ? Precision.BF16 : Precision.F32;
        boolean recompute = given.contains("--recompute");
        try (Pass pass = Pass.training(compute, arena, 1)
                .profiled(profile)
                .recomputing(recompute)
                .precision(precision)) {
            Var loss = model.loss(pass, TokenBatch.windows(windows), targets);
            pass.backward(loss);
        }
        for (Parameter parameter : model.parameters()) {
            parameter.variable().clearGradient();
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }

    private static void report(
            TrainingShape shape,
            Transformer model,
            Compute compute,
            Arena arena,
            Profile profile,
            int steps,
            double[] plain,
            long allocated) {
        double median = plain[plain.length / 2];
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
        System.out.printf(
                "%nmost memory%n%s%n",
                new MemoryUse(
                                weights,
                                weights,
                                0,
                                arena.peakBytes(),
                                compute.workers().scratchBytes(),
                                0,
                                0)
                        .table());
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
