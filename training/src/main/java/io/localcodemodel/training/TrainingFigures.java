package io.localcodemodel.training;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/// What people want to see of a run while it lasts, gathered from its events.
///
/// For listeners that show it in their own way; [TrainingLog] writes it to the log. It belongs to the thread that runs the
/// trainer.
public final class TrainingFigures implements Consumer<TrainingEvent> {
    /// The part of the shown loss that stays from one step to the next.
    private static final double INERTIA = 0.98;

    private double loss = Double.NaN;
    private double bitsPerByte = Double.NaN;
    private double elapsed;
    private Duration time = Duration.ZERO;
    private int tokensPerStep;
    private long tokens;
    private double seconds;

    /// Figures of nothing yet.
    public TrainingFigures() {}

    @Override
    public void accept(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> tokensPerStep = started.tokensPerStep();
            case TrainingEvent.StepCompleted completed -> {
                loss = Double.isNaN(loss) ? completed.loss() : INERTIA * loss + (1 - INERTIA) * completed.loss();
                tokens += tokensPerStep;
                seconds += tokensPerStep / completed.tokensPerSecond();
                elapsed = completed.elapsed();
                time = completed.time();
            }
            case TrainingEvent.Validated validated ->
                bitsPerByte = validated.evaluation().bitsPerByte();
            case TrainingEvent.CheckpointSaved saved -> {}
            case TrainingEvent.Finished finished -> time = finished.time();
        }
    }

    /// The loss of the steps, smoothed over about fifty of them; NaN before the first.
    public double loss() {
        return loss;
    }

    /// What the last validation said; NaN before the first.
    public double bitsPerByte() {
        return bitsPerByte;
    }

    /// The speed of all steps so far, validation and saving not counted; NaN before the first.
    public double tokensPerSecond() {
        return tokens / seconds;
    }

    /// The time that is left if the run goes on as fast as so far; zero before the first step.
    public Duration timeLeft() {
        return elapsed == 0 ? Duration.ZERO : Duration.ofMillis(Math.round(time.toMillis() * (1 / elapsed - 1)));
    }

    /// One line: `loss 2.345  0.987 bits/byte  12,345 tokens/s  4:05 left`.
    @Override
    public String toString() {
        long left = timeLeft().toSeconds();
        String heldOut = Double.isNaN(bitsPerByte) ? "" : String.format(Locale.ROOT, "  %.3f bits/byte", bitsPerByte);
        return String.format(
                Locale.ROOT,
                "loss %.3f%s  %,.0f tokens/s  %d:%02d left",
                loss,
                heldOut,
                tokensPerSecond(),
                left / 60,
                left % 60);
    }
}
