package io.localcodemodel.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// What a [Pass] has recorded, in the order of the forward, and the walk back over it.
///
/// The tape decides how long a buffer lives: what an operation made and what it saved goes back to the arena right after
/// its own backward, since all who read it come later on the tape.
final class Tape {
    private static final Work NOT_NOTED = new Work("not profiled", 0, 0);

    private final Arena arena;
    private final List<Entry> entries = new ArrayList<>();
    private boolean notesWork;

    /// One recorded operation.
    ///
    /// @param output what the operation made or changed in place
    /// @param work what a profile is told of the way back
    /// @param owned whether the operation made the output, so that the output dies with it
    /// @param backward its way back
    /// @param saved buffers that only the way back needs
    private record Entry(Var output, Work work, boolean owned, Backward backward, Tensor[] saved) {}

    Tape(Arena arena) {
        this.arena = arena;
    }

    void add(Var output, Work work, boolean owned, Backward backward, Tensor... saved) {
        entries.add(new Entry(output, noted(work), owned, backward, saved));
    }

    /// Says whether the work of operations will be asked for.
    void noteWork(boolean notes) {
        notesWork = notes;
    }

    /// What is remembered of some work. Where nobody asks it is always the same, so that the compiler need not make the object.
    Work noted(Work work) {
        return notesWork ? work : NOT_NOTED;
    }

    /// How many operations are recorded.
    int size() {
        return entries.size();
    }

    /// What the operation at a place made or changed in place.
    Var output(int place) {
        return entries.get(place).output;
    }

    /// Goes back over every operation from a place on, the last one first, and forgets them.
    ///
    /// @param runner runs the backward of one
    void unwind(int from, BiConsumer<Work, Backward> runner) {
        for (int i = entries.size() - 1; i >= from; i--) {
            Entry entry = entries.get(i);
            if (entry.output.gradient() != null) {
                runner.accept(entry.work, entry.backward);
            }
            entries.remove(i);
            discard(entry);
        }
    }

    /// Forgets everything without going back.
    void clear() {
        for (int i = entries.size() - 1; i >= 0; i--) {
            discard(entries.get(i));
        }
        entries.clear();
    }

    private void discard(Entry entry) {
        for (Tensor saved : entry.saved) {
            if (arena.lends(saved)) {
                arena.release(saved);
            }
        }
        if (entry.owned) {
            releaseValue(entry.output);
            releaseGradient(entry.output);
        }
    }

    void releaseValue(Var variable) {
        Tensor value = variable.present();
        Tensor words = variable.stored();
        if (value != null) {
            arena.release(value);
        }
        if (words != null) {
            arena.release(words);
        }
    }

    void releaseGradient(Var variable) {
        Tensor gradient = variable.gradient();
        if (gradient != null) {
            arena.release(gradient);
            variable.setGradient(null);
        }
    }
}
