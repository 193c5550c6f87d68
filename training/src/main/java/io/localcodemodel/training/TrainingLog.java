package io.localcodemodel.training;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the progress of a run to the log (SLF4J, logger `io.localcodemodel.training.Trainer`, level INFO): its beginning
/// and end, validations, checkpoints, and the steps once in a while.
///
/// ```java
/// Trainer.builder().listener(new TrainingLog())
/// ```
public final class TrainingLog implements Consumer<TrainingEvent> {
    /// The time between two lines about steps unless set.
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final Duration interval;
    private final TrainingFigures figures = new TrainingFigures();
    private Duration next = Duration.ZERO;

    /// A log with a line about steps every [#INTERVAL].
    public TrainingLog() {
        this(INTERVAL);
    }

    /// A log with a line about steps as often as that.
    ///
    /// @param interval the time between two of them; zero for every step
    /// @throws IllegalArgumentException if it is negative
    public TrainingLog(Duration interval) {
        if (interval.isNegative()) {
            throw new IllegalArgumentException("training log: expected an interval of at least 0, found " + interval);
        }
        this.interval = interval;
    }

    @Override
    public void accept(TrainingEvent event) {
        figures.accept(event);
        switch (event) {
            case TrainingEvent.Started started ->
                LOG.info(
                        "training of {} parameters on {} tokens, {} a step{}",
                        started.parameters(),
                        started.trainingTokens(),
                        started.tokensPerStep(),
                        started.resumedFrom() == null ? "" : ", resumed from " + started.resumedFrom());
            case TrainingEvent.StepCompleted step -> {
                if (step.time().compareTo(next) >= 0) {
                    next = step.time().plus(interval);
                    LOG.info("step {}  {}  rate {}", step.step(), figures, step.rate());
                }
            }
            case TrainingEvent.Validated validated ->
                LOG.info(
                        "step {}  {} bits per byte on held-out texts{}",
                        validated.step(),
                        validated.evaluation().bitsPerByte(),
                        validated.best() ? ", the best so far" : "");
            case TrainingEvent.CheckpointSaved saved -> LOG.info("step {}  saved {}", saved.step(), saved.folder());
            case TrainingEvent.Finished finished ->
                LOG.info("step {}  the run ended: {} after {}", finished.step(), finished.reason(), finished.time());
        }
    }
}
