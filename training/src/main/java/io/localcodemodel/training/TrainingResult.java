package io.localcodemodel.training;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What came of a run; the trained model is the one that was given to the trainer.
///
/// @param steps the steps done, those before a resumption included
/// @param reason why it ended
/// @param time how long it took, without the evaluation after the last step
/// @param evaluation the last one on held-out texts, or null where there was none
/// @param memory what the run needed
public record TrainingResult(
        long steps,
        TrainingEvent.FinishReason reason,
        Duration time,
        @Nullable Evaluation evaluation,
        TrainingEvent.MemoryUse memory) {}
