package io.localcodemodel.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a run saves itself, how often, and how much of it stays.
///
/// Each checkpoint is a folder of its own, `step-00000500`, that holds a model as `Transformer.load` and `CodeModel.load`
/// read it (with the tokenizer, where the trainer was given one), the optimiser's state and, in `training.json`, the place
/// in the data and where everything came from. It gets its name only when all of it is on the disk: a run that is killed
/// while saving leaves the checkpoint before whole. A run also saves itself when it ends, however it ends except by
/// diverging.
///
/// ```java
/// Checkpoints.in(Path.of("runs/a")).every(500).keepLast(2).keepingBest()
/// ```
public final class Checkpoints {
    /// Checkpoints kept by default: the last, and the one before in case the disk fails.
    public static final int KEEP_LAST = 2;

    private final Path folder;
    private final long every;
    private final int keepLast;
    private final boolean keepsBest;

    private Checkpoints(Path folder, long every, int keepLast, boolean keepsBest) {
        this.folder = folder;
        this.every = every;
        this.keepLast = keepLast;
        this.keepsBest = keepsBest;
    }

    /// Checkpoints in a folder, which is made when the run begins: one at the end of the run, of which the last
    /// [#KEEP_LAST] are kept.
    public static Checkpoints in(Path folder) {
        return new Checkpoints(folder, 0, KEEP_LAST, false);
    }

    /// The same, and one after every `steps` steps.
    public Checkpoints every(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("checkpoints: expected to save every 1 or more steps, found " + steps);
        }
        return new Checkpoints(folder, steps, keepLast, keepsBest);
    }

    /// The same with another number of checkpoints that stay.
    public Checkpoints keepLast(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("checkpoints: expected to keep at least 1, found " + count);
        }
        return new Checkpoints(folder, every, count, keepsBest);
    }

    /// The same, and one whenever the validation is better than ever before in the run; the best of them stays too.
    public Checkpoints keepingBest() {
        return new Checkpoints(folder, every, keepLast, true);
    }

    /// Where the checkpoints lie.
    public Path folder() {
        return folder;
    }

    /// After how many steps a checkpoint is saved, or 0 where only at the end.
    public long every() {
        return every;
    }

    /// How many of the latest checkpoints stay.
    public int keepLast() {
        return keepLast;
    }

    /// Whether the best one stays too.
    public boolean keepsBest() {
        return keepsBest;
    }

    /// The whole checkpoints in the folder, the earliest first.
    ///
    /// @throws TrainingException if the folder cannot be read
    public List<Path> all() {
        return CheckpointFolder.list(folder);
    }

    /// The checkpoint of the most steps.
    public Optional<Path> latest() {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /// The checkpoint that did best on the held-out texts, of those that were saved right after a validation and can be
    /// read.
    ///
    /// @throws TrainingException if the folder cannot be read
    public Optional<Path> best() {
        return CheckpointFolder.best(CheckpointFolder.ratings(all()));
    }

    @Override
    public String toString() {
        return "Checkpoints[" + folder + ", every " + every + " steps, keeping the last " + keepLast
                + (keepsBest ? " and the best]" : "]");
    }
}
