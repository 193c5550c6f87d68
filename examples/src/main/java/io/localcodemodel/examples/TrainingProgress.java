package io.localcodemodel.examples;

import io.localcodemodel.tensor.Profile;
import io.localcodemodel.training.TrainingEvent;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Draws the progress bar and keeps the curve.
final class TrainingProgress implements Consumer<TrainingEvent>, AutoCloseable {
    private static final long PARTS = 1000;
    /// Steps before the profile begins: the compiler is at work.
    private static final long WARM_UP = 100;

    final Profile profile = new Profile();
    private final PrintStream out;
    private final List<Map<String, Object>> curve = new ArrayList<>();
    private final ProgressBar bar = new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(PARTS)
            .setStyle(ProgressBarStyle.ASCII)
            .hideEta()
            .setUpdateIntervalMillis(500)
            .setConsumer(new ConsoleProgressBarConsumer(System.err, 110))
            .build();
    private double loss = Double.NaN;
    private double bitsPerByte = Double.NaN;
    private double seconds;
    private long tokens;
    private int tokensPerStep;
    private long steps;

    TrainingProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void accept(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> tokensPerStep = started.tokensPerStep();
            case TrainingEvent.StepCompleted step -> step(step);
            case TrainingEvent.Validated validated -> validated(validated);
            case TrainingEvent.CheckpointSaved _ -> {}
            case TrainingEvent.Finished _ -> bar.refresh();
        }
    }

    private void step(TrainingEvent.StepCompleted step) {
        loss = Double.isNaN(loss) ? step.loss() : 0.98 * loss + 0.02 * step.loss();
        tokens += tokensPerStep;
        if (++steps == WARM_UP) {
            profile.clear();
        }
        seconds += tokensPerStep / step.tokensPerSecond();
        long left = Math.round(step.time().toSeconds() * (1 - step.elapsed()) / Math.max(1e-3, step.elapsed()));
        bar.stepTo(Math.round(PARTS * step.elapsed()));
        String heldOut = Double.isNaN(bitsPerByte) ? "" : "  %.3f bits/byte".formatted(bitsPerByte);
        bar.setExtraMessage("loss %.3f%s  %,.0f tokens/s  %d:%02d left"
                .formatted(loss, heldOut, tokensPerSecond(), left / 60, left % 60));
    }

    private void validated(TrainingEvent.Validated validated) {
        bitsPerByte = validated.evaluation().bitsPerByte();
        double at = validated.time().toMillis() / 1e3;
        curve.add(Map.of("seconds", rounded(at, 1), "bitsPerByte", rounded(bitsPerByte, 4)));
        out.printf(
                "%5.0f s     loss %.3f, %.3f bits per byte on the sample, %,.0f tokens/s%n",
                at, loss, bitsPerByte, tokensPerSecond());
    }

    /// How many steps the profile is of.
    long profiledSteps() {
        return steps < WARM_UP ? Math.max(1, steps) : Math.max(1, steps - WARM_UP);
    }

    double tokensPerSecond() {
        return tokens / seconds;
    }

    List<Map<String, Object>> curve() {
        return curve;
    }

    @Override
    public void close() {
        bar.close();
    }

    static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}
