package io.localcodemodel.training;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How long a run has taken, without interruptions, and how much of it has passed.
final class RunClock {
    /// The part of its time that a run expects its first step to take.
    private static final double FIRST_STEP = 1e-3;

    private final long steps;
    private final @Nullable Duration budget;
    private long began = System.nanoTime();
    private long nanosBefore;
    private double stepNanos;

    /// @param steps -1 where only time ends the run
    /// @param budget null where only steps end the run
    RunClock(long steps, @Nullable Duration budget) {
        this.steps = steps;
        this.budget = budget;
        this.stepNanos = budget == null ? 0 : FIRST_STEP * nanos(budget);
    }

    /// Says how long the run had taken before it was interrupted.
    void resume(long nanos) {
        nanosBefore = nanos;
    }

    /// Says that the run begins or goes on.
    void start() {
        began = System.nanoTime();
    }

    /// Says how long the last step took; the next one is expected to take as long.
    void stepTook(long nanos) {
        stepNanos = nanos;
    }

    long nanos() {
        return nanosBefore + (System.nanoTime() - began);
    }

    Duration time() {
        return Duration.ofNanos(nanos());
    }

    boolean timeIsUsed() {
        return budget != null && nanos() >= nanos(budget);
    }

    /// The part of the run that has passed after so many steps, now.
    double elapsed(long step) {
        return passed((double) step, (double) nanos());
    }

    /// The part of the run that will have passed when the step to come is half done.
    double middleOf(long step) {
        return passed(step + 0.5, nanos() + 0.5 * stepNanos);
    }

    private double passed(double afterSteps, double afterNanos) {
        double bySteps = steps < 0 ? 0 : afterSteps / steps;
        double byTime = budget == null ? 0 : afterNanos / nanos(budget);
        return Math.min(1, Math.max(bySteps, byTime));
    }

    /// A time in nanoseconds; those beyond 292 years are 292 years.
    static long nanos(Duration time) {
        return TimeUnit.NANOSECONDS.convert(time);
    }
}
