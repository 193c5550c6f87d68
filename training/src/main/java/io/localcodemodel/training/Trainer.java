package io.localcodemodel.training;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;

/// Trains a model in place: micro-batches, clipping, step, events, until the steps are done or the time is used.
///
/// ```java
/// Trainer.builder().model(model).tokenizer(tokenizer).corpus(corpus)
///         .schedule(Schedule.warmupCosine(100, 2_000, 1e-3f, 1e-4f))
///         .batch(8).accumulate(4).steps(2_000).validateEvery(100)
///         .checkpoints(Checkpoints.in(Path.of("runs/a")).every(500).keepLast(2).keepingBest())
///         .build().run();
/// ```
///
/// **Determinism.** With the same seed, data and settings two runs by steps give the same numbers bit for bit, whatever
/// the number of workers; so does a run that was stopped and resumed from its checkpoint. A run by time takes as many
/// steps as it has time for.
///
/// After the run the model is as small as one that was loaded: gradients and the optimiser's state go with the run.
///
/// A trainer runs once. While it runs, nobody else may use the model; [#stop()] may be called from any thread.
public final class Trainer {
    private final TrainerSettings settings;
    private final Transformer model;
    private volatile boolean stopped;
    private boolean begun;

    Trainer(TrainerSettings settings) {
        this.settings = settings;
        this.model = settings.model();
    }

    /// Begins the description of a run.
    public static TrainerBuilder builder() {
        return new TrainerBuilder();
    }

    /// Ends the run after the step it is at, with a checkpoint where the run keeps any. Returns at once.
    public void stop() {
        stopped = true;
    }

    /// Trains to the end.
    ///
    /// @throws TrainingException if the loss or the gradients are no longer finite, a checkpoint cannot be written or
    ///     does not fit, or the folder of the checkpoints holds another run
    /// @throws CorpusException if a document changed or cannot be encoded
    /// @throws IllegalStateException if it was called before
    public TrainingResult run() {
        synchronized (this) {
            if (begun) {
                throw new IllegalStateException("this trainer has run already; build another");
            }
            begun = true;
        }
        Compute borrowed = settings.compute();
        if (borrowed != null) {
            return run(borrowed);
        }
        try (Compute own = Compute.create(settings.workers())) {
            return run(own);
        }
    }

    private TrainingResult run(Compute compute) {
        try {
            return new TrainingRun(settings, compute, () -> stopped).toTheEnd();
        } finally {
            model.parameters().forEach(parameter -> {
                parameter.variable().forgetPanels();
                parameter.variable().forgetGradient();
            });
            HalfWeights.join(compute, model);
        }
    }
}
