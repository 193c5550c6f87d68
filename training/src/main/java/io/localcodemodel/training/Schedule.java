package io.localcodemodel.training;

/// The learning rate of each step.
///
/// A schedule is given both the number of the step and the part of the run that has passed when the step is half done (of
/// the steps, or of the time where a run has a time budget), and uses whichever it is made for: those made from step counts
/// look at the step, those made from fractions fit any length of run. In the middle of a step neither a rise from 0 nor a
/// fall to 0 is at its end, so that no step is without effect.
@FunctionalInterface
public interface Schedule {
    /// The learning rate of a step.
    ///
    /// @param step the steps done so far, from 0
    /// @param elapsed the part of the run that has passed in the middle of the step, from 0 to 1
    float rate(long step, double elapsed);

    /// The same rate throughout.
    static Schedule constant(float rate) {
        Schedules.requireRate("the rate", rate);
        return new Schedules.Constant(rate);
    }

    /// A straight line from `first` to `last` over the run.
    static Schedule linear(float first, float last) {
        Schedules.requireRate("the first rate", first);
        Schedules.requireRate("the last rate", last);
        return new Schedules.Linear(first, last);
    }

    /// A rise over `warmupSteps`, then half a cosine down to `floor` at `totalSteps`, then `floor` (Loshchilov and Hutter
    /// 2017, "SGDR", equation 5, without restarts).
    static Schedule warmupCosine(long warmupSteps, long totalSteps, float peak, float floor) {
        Schedules.Steps steps = new Schedules.Steps(warmupSteps, totalSteps);
        Schedules.requireRates(peak, floor);
        return new Schedules.WarmupCosine(steps, peak, floor);
    }

    /// As [#warmupCosine(long, long, float, float)] with the warm-up as a part of the run, whatever its length: for time
    /// budgets.
    static Schedule warmupCosine(double warmupPart, float peak, float floor) {
        Schedules.requireRates(peak, floor);
        return new Schedules.WarmupCosine(new Schedules.Parts(warmupPart), peak, floor);
    }

    /// A rise over `warmupSteps`, then `peak`, then over the last `decaySteps` of `totalSteps` a straight line down to
    /// `floor` (Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training durations").
    static Schedule warmupStableDecay(long warmupSteps, long decaySteps, long totalSteps, float peak, float floor) {
        Schedules.Steps steps = new Schedules.Steps(warmupSteps, totalSteps);
        require(
                decaySteps >= 0 && decaySteps <= totalSteps - warmupSteps,
                "the steps of decay (warm-up and decay have to fit into the total)",
                (double) decaySteps);
        Schedules.requireRates(peak, floor);
        double decayPart = totalSteps == warmupSteps ? 0 : (double) decaySteps / (totalSteps - warmupSteps);
        return new Schedules.WarmupStableDecay(steps, decayPart, peak, floor);
    }

    /// As [#warmupStableDecay(long, long, long, float, float)] with warm-up and decay as parts of the run.
    static Schedule warmupStableDecay(double warmupPart, double decayPart, float peak, float floor) {
        Schedules.Parts parts = new Schedules.Parts(warmupPart);
        require(decayPart >= 0 && decayPart <= 1 - warmupPart, "the part of decay", decayPart);
        Schedules.requireRates(peak, floor);
        return new Schedules.WarmupStableDecay(parts, decayPart / (1 - warmupPart), peak, floor);
    }

    private static void require(boolean condition, String what, double found) {
        Schedules.require(condition, what, found);
    }
}
