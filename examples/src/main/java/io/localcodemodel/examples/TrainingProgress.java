package io.localcodemodel.examples;

import io.localcodemodel.tensor.Profile;
import io.localcodemodel.training.TrainingEvent;
import io.localcodemodel.training.TrainingFigures;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
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
    private final TrainingFigures figures = new TrainingFigures();
    private long steps;

    TrainingProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void accept(TrainingEvent event) {
        figures.accept(event);
        switch (event) {
            case TrainingEvent.StepCompleted step -> step(step);
            case TrainingEvent.Validated validated -> validated(validated);
            case TrainingEvent.Started _, TrainingEvent.CheckpointSaved _ -> {}
            case TrainingEvent.Finished _ -> bar.refresh();
        }
    }

    private void step(TrainingEvent.StepCompleted step) {
        if (++steps == WARM_UP) {
            profile.clear();
        }
        bar.stepTo(Math.round(PARTS * step.elapsed()));
        bar.setExtraMessage(figures.toString());
    }

    private void validated(TrainingEvent.Validated validated) {
        double at = validated.time().toMillis() / 1e3;
        curve.add(Map.of("seconds", rounded(at, 1), "bitsPerByte", rounded(figures.bitsPerByte(), 4)));
        out.printf(
                "%5.0f s     loss %.3f, %.3f bits per byte on the sample, %,.0f tokens/s%n",
                at, figures.loss(), figures.bitsPerByte(), tokensPerSecond());
    }

    /// How many steps the profile is of.
    long profiledSteps() {
        return steps < WARM_UP ? Math.max(1, steps) : Math.max(1, steps - WARM_UP);
    }

    double tokensPerSecond() {
        return figures.tokensPerSecond();
    }

    List<Map<String, Object>> curve() {
        return curve;
    }

    @Override
    public void close() {
        bar.close();
    }

    static double rounded(double value, int digits) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value)
                        .setScale(digits, RoundingMode.HALF_UP)
                        .doubleValue()
                : value;
    }
}
