package io.localcodemodel.training;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a [Trainer] tells its listener, in the thread that runs it. A listener that wants to end the run calls
/// [Trainer#stop()]; one that throws ends it with that exception.
public sealed interface TrainingEvent {
    /// How many steps were done when it happened, those before a resumption included.
    long step();

    /// The data are tokenised and the first step is about to begin.
    ///
    /// @param step 0, or where the run was resumed
    /// @param resumedFrom the checkpoint it goes on from, or null
    /// @param steps how many steps the run has, or -1 where time alone ends it
    /// @param parameters how many numbers are trained
    /// @param tokensPerStep the tokens of all micro-batches of a step
    /// @param trainingTokens the tokens of the training texts
    /// @param validationTokens the tokens of the texts held out
    record Started(
            long step,
            @Nullable Path resumedFrom,
            long steps,
            long parameters,
            int tokensPerStep,
            long trainingTokens,
            long validationTokens)
            implements TrainingEvent {}

    /// The parameters were changed once.
    ///
    /// @param loss the mean cross-entropy over the step's tokens before it, in nats, with what [TrainerBuilder#loss] adds
    /// @param rate the learning rate
    /// @param gradientNorm the global L2 norm of the gradients before clipping
    /// @param tokensPerSecond over this step alone, validation and saving not counted
    /// @param epochs how often the training texts were seen
    /// @param elapsed the part of the run that has passed, from 0 to 1
    /// @param time since the run began, without interruptions
    record StepCompleted(
            long step,
            float loss,
            float rate,
            double gradientNorm,
            double tokensPerSecond,
            double epochs,
            double elapsed,
            Duration time)
            implements TrainingEvent {}

    /// The model was evaluated on held-out texts.
    ///
    /// @param best whether it never was better in this run
    /// @param time since the run began, without interruptions
    record Validated(long step, Evaluation evaluation, boolean best, Duration time) implements TrainingEvent {}

    /// A checkpoint lies whole on the disk.
    record CheckpointSaved(long step, Path folder, Duration took) implements TrainingEvent {}

    /// The run is over.
    ///
    /// @param memory what it needed
    record Finished(long step, FinishReason reason, Duration time, MemoryUse memory) implements TrainingEvent {}

    /// Why a run ended.
    enum FinishReason {
        /// All steps were done.
        STEPS_DONE,
        /// The time was used up.
        TIME_USED,
        /// [Trainer#stop()] was called or the thread interrupted.
        STOPPED,
        /// The loss or the gradients were no longer finite.
        DIVERGED
    }

    /// Bytes that a run needed at the most.
    ///
    /// @param parameters the weights
    /// @param gradients their gradients
    /// @param optimizer the optimiser's state
    /// @param activations the most that activations and their gradients took at one time
    /// @param scratch what the kernels keep between tasks: packed factors of products, tiles of attention, and weights that
    ///     stay packed from one micro-batch to the next
    /// @param data the tokens
    /// @param process the most that the whole process had in memory so far, where Linux tells; 0 elsewhere. What it has
    ///     beyond the parts is the virtual machine: its code and its garbage
    record MemoryUse(
            long parameters, long gradients, long optimizer, long activations, long scratch, long data, long process) {
        /// All parts together, without the virtual machine.
        public long total() {
            return parameters + gradients + optimizer + activations + scratch + data;
        }

        /// One line for people for each part, in MiB.
        public String table() {
            StringBuilder table = new StringBuilder();
            append(table, "weights", parameters);
            append(table, "gradients", gradients);
            append(table, "optimizer", optimizer);
            append(table, "activations", activations);
            append(table, "scratch", scratch);
            append(table, "tokens", data);
            if (process > 0) {
                append(table, "virtual machine", process - total());
                append(table, "process", process);
            }
            return table.toString();
        }

        private static void append(StringBuilder table, String part, long bytes) {
            table.append(String.format(Locale.ROOT, "%-16s %9.1f MiB%n", part, bytes / 1048576.0));
        }
    }
}
