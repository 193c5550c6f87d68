package io.localcodemodel.benchmarks;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.training.AdamW;
import io.localcodemodel.training.Schedule;
import io.localcodemodel.training.Trainer;
import io.localcodemodel.training.TrainerBuilder;
import io.localcodemodel.training.TrainingEvent;
import io.localcodemodel.training.TrainingResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Training in bfloat16 against training in floats: speed, memory and loss of the two, which take turns in one process;
/// or, with `--compare recompute`, training that computes activations again on the way back against training that keeps
/// them, both in floats.
///
/// Arguments: `--model gpt-b` (any of [TrainingShape], default gpt-b), `--threads n` (default: all), `--rounds n` (default
/// 8), `--steps n` a round (default 4), `--compare recompute`, `--checkpointing` (of both
/// precisions), `--profile` (operation by operation), `--quick`. In the first
/// two rounds the code gets compiled; they are not counted.
public final class MixedPrecision {
    private static final int WARM_UP = 2;
    /// Low enough that the largest shape, without a warm-up, is not at the edge of diverging, where any two runs part.
    private static final float RATE = 1e-4f;

    private MixedPrecision() {}

    /// Runs the program.
    public static void main(String[] arguments) throws InterruptedException {
        List<String> given = Arrays.asList(arguments);
        TrainingShape shape = TrainingShape.named(value(given, "--model", "gpt-b"));
        int threads = Integer.parseInt(
                value(given, "--threads", "" + Runtime.getRuntime().availableProcessors()));
        int steps = Integer.parseInt(value(given, "--steps", "4"));
        int rounds = WARM_UP + Integer.parseInt(value(given, "--rounds", given.contains("--quick") ? "4" : "8"));
        boolean checkpointing = given.contains("--checkpointing");

        boolean profiles = given.contains("--profile");

        boolean recompute = value(given, "--compare", "precision").equals("recompute");

        Side plain = recompute
                ? new Side("kept", shape, Precision.F32, threads, steps * rounds, steps, false, profiles)
                : new Side("f32", shape, Precision.F32, threads, steps * rounds, steps, checkpointing, profiles);
        Side other = recompute
                ? new Side("recomputed", shape, Precision.F32, threads, steps * rounds, steps, true, profiles)
                : new Side("bf16", shape, Precision.BF16, threads, steps * rounds, steps, checkpointing, profiles);
        plain.next = other.turn;
        other.next = plain.turn;
        Thread first = Thread.ofPlatform().name(plain.name).start(plain);
        Thread second = Thread.ofPlatform().name(other.name).start(other);
        plain.turn.release();
        first.join();
        second.join();
        if (profiles) {
            System.out.print(operations(plain, other, steps));
        }
        report(shape, threads, plain, other);
    }

    /// The median of rounds of each operation's milliseconds a step, the longest first.
    private static String operations(Side plain, Side other, int steps) {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format("%-32s %13s %13s %9s%n", "operation", plain.name + " ms", other.name + " ms", "more"));
        Set<String> names = new LinkedHashSet<>(other.operations.keySet());
        names.addAll(plain.operations.keySet());
        for (String name : names) {
            double before = median(plain.operations.getOrDefault(name, List.of(0.0))) / steps;
            double after = median(other.operations.getOrDefault(name, List.of(0.0))) / steps;
            table.append(
                    String.format(Locale.ROOT, "%-32s %13.2f %13.2f %9.2f%n", name, before, after, after - before));
        }
        return table.toString();
    }

    private static String value(List<String> given, String option, String otherwise) {
        int at = given.indexOf(option);
        return at < 0 ? otherwise : given.get(at + 1);
    }

    /// One of the two runs. It trains only while it has the turn.
    private static final class Side implements Runnable {
        private final String name;
        private final TrainingShape shape;
        private final Precision precision;
        private final int threads;
        private final int steps;
        private final int perRound;
        private final boolean checkpointing;
        private final Semaphore turn = new Semaphore(0);
        private final List<Double> nanosPerStep = new ArrayList<>();
        private final List<Float> losses = new ArrayList<>();
        private final Profile profile = new Profile();
        private final boolean profiles;
        /// For each operation and direction its milliseconds in each round.
        private final Map<String, List<Double>> operations = new LinkedHashMap<>();
        private Semaphore next = turn;
        private TrainingEvent.MemoryUse memory = new TrainingEvent.MemoryUse(0, 0, 0, 0, 0, 0, 0);
        private long began;

        Side(
                String name,
                TrainingShape shape,
                Precision precision,
                int threads,
                int steps,
                int perRound,
                boolean checkpointing,
                boolean profiles) {
            this.name = name;
            this.shape = shape;
            this.precision = precision;
            this.threads = threads;
            this.steps = steps;
            this.perRound = perRound;
            this.checkpointing = checkpointing;
            this.profiles = profiles;
        }

        @Override
        public void run() {
            turn.acquireUninterruptibly();
            Transformer model = shape.model();
            try {
                TrainerBuilder trainer = Trainer.builder();
                if (profiles) {
                    trainer.profile(profile);
                }
                TrainingResult result = trainer.model(model)
                        .tokens(shape.tokens())
                        .optimizer(AdamW.defaults())
                        .schedule(Schedule.constant(RATE))
                        .batch(shape.batch())
                        .contextLength(shape.window())
                        .steps(steps)
                        .seed(TrainingShape.seed())
                        .workers(threads)
                        .precision(precision)
                        .checkpointing(checkpointing)
                        .listener(this::hear)
                        .build()
                        .run();
                memory = result.memory();
            } finally {
                next.release();
            }
        }

        private void hear(TrainingEvent event) {
            switch (event) {
                case TrainingEvent.Started started -> began = System.nanoTime();
                case TrainingEvent.StepCompleted step -> {
                    losses.add(step.loss());
                    if (step.step() % perRound == 0) {
                        endRound();
                    }
                    if (step.step() % perRound == 0 && step.step() < steps) {
                        next.release();
                        turn.acquireUninterruptibly();
                        began = System.nanoTime();
                    }
                }
                default -> {}
            }
        }

        private void endRound() {
            nanosPerStep.add((double) (System.nanoTime() - began) / perRound);
            if (nanosPerStep.size() > WARM_UP) {
                for (Profile.Line line : profile.lines()) {
                    String name =
                            line.operation() + " " + line.direction().name().toLowerCase(Locale.ROOT);
                    operations.computeIfAbsent(name, key -> new ArrayList<>()).add(line.nanoseconds() * 1e-6);
                }
            }
            profile.clear();
        }

        double tokensPerSecond(int round) {
            return shape.tokensPerStep() * 1e9 / nanosPerStep.get(round);
        }

        long bytes() {
            return memory.total() - memory.data();
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static void report(TrainingShape shape, int threads, Side plain, Side other) {
        List<Double> ratios = new ArrayList<>();
        List<Double> before = new ArrayList<>();
        List<Double> after = new ArrayList<>();
        System.out.printf("%s, %d threads%s%n", shape.name(), threads, plain.checkpointing ? ", checkpointing" : "");
        System.out.printf("%6s %19s %19s %7s%n", "round", plain.name + " tokens/s", other.name + " tokens/s", "ratio");
        for (int round = WARM_UP; round < plain.nanosPerStep.size(); round++) {
            before.add(plain.tokensPerSecond(round));
            after.add(other.tokensPerSecond(round));
            ratios.add(other.tokensPerSecond(round) / plain.tokensPerSecond(round));
            System.out.printf(
                    Locale.ROOT,
                    "%6d %19.0f %19.0f %7.3f%n",
                    round,
                    before.getLast(),
                    after.getLast(),
                    ratios.getLast());
        }
        double farthest = 0;
        for (int i = 0; i < plain.losses.size(); i++) {
            double f = plain.losses.get(i);
            farthest = Math.max(farthest, Math.abs(other.losses.get(i) - f) / f);
        }
        System.out.printf(
                Locale.ROOT,
                "median %.0f and %.0f, ratio %.3f; activations %.1f and %.1f MiB, all %.1f and %.1f MiB;"
                        + " losses at step %d %.4f and %.4f, never farther apart than %.2e of the loss%n",
                median(before),
                median(after),
                median(ratios),
                plain.memory.activations() / 1048576.0,
                other.memory.activations() / 1048576.0,
                plain.bytes() / 1048576.0,
                other.bytes() / 1048576.0,
                plain.losses.size(),
                plain.losses.getLast(),
                other.losses.getLast(),
                farthest);
        System.out.printf(
                Locale.ROOT,
                "{\"model\":\"%1$s\",\"threads\":%2$d,\"checkpointing\":%3$b,\"ratio\":%4$.3f,"
                        + "\"tokensPerSecond\":{\"%5$s\":%7$.0f,\"%6$s\":%8$.0f},"
                        + "\"activationBytes\":{\"%5$s\":%9$d,\"%6$s\":%10$d},"
                        + "\"bytes\":{\"%5$s\":%11$d,\"%6$s\":%12$d},\"lossDistance\":%13$.2e}%n",
                shape.name(),
                threads,
                plain.checkpointing,
                median(ratios),
                plain.name,
                other.name,
                median(before),
                median(after),
                plain.memory.activations(),
                other.memory.activations(),
                plain.bytes(),
                other.bytes(),
                farthest);
    }
}
