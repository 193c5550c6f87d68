package io.localcodemodel.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How the values that a [Pass] has recorded wait for the way back: not at all where they are cheap to compute again
/// ([Pass#recordRenewable]); rounded to bfloat16 where the pass was asked to ([Pass#precision]); otherwise as floats.
final class Retention {
    private final Pass pass;
    private final Arena arena;
    private final Tape tape;
    private final Thread thread = Thread.currentThread();
    /// What was computed again for the backwards that run now, one inside the other.
    private final List<Var> renewed = new ArrayList<>();

    Retention(Pass pass, Arena arena, Tape tape) {
        this.pass = pass;
        this.arena = arena;
        this.tape = tape;
    }

    /// Lets what was recorded from a place on the tape on wait, except one variable: the latest first, which is still in the
    /// caches.
    @SuppressWarnings("ReferenceEquality")
    void settle(int from, @Nullable Var kept, Precision precision) {
        for (int i = tape.size() - 1; i >= from; i--) {
            Var variable = tape.output(i);
            Tensor value = variable.present();
            if (value == null || variable == kept || variable.keptExact()) {
                continue;
            }
            if (variable.renewal() != null) {
                variable.storeNothing(this);
                arena.release(value);
            } else if (precision == Precision.BF16 && Arena.halves(variable.shape())) {
                Shape words = pairsOf(value);
                round(value, new Tensor(words, new FloatStorage(value.array(), value.offset(), words.size())));
                variable.storeRounded(arena.shrink(value, words), this);
            }
        }
    }

    /// Stores a variable as the rounded numbers of `value`, which stays as it is.
    void storeRounded(Var variable, Tensor value) {
        Tensor words = arena.allocate(pairsOf(value));
        round(value, words);
        variable.storeRounded(words, this);
    }

    private static Shape pairsOf(Tensor value) {
        return Shape.of(PairedSpans.words(value.size()));
    }

    private void round(Tensor value, Tensor words) {
        pass.run(
                new Work("round to bf16", value.size(), 6L * value.size()),
                () -> PairedSpans.round(pass.kernels().bfloat(), pass.workers(), value, words));
    }

    /// The numbers of a variable that waits, as floats from now on.
    Tensor restore(Var variable) {
        if (!thread.equals(Thread.currentThread())) {
            throw new IllegalStateException(
                    "a value that waits rounded, or to be computed again, was read by a worker; " + "read " + variable
                            + " before the work is handed out");
        }
        Tensor words = variable.stored();
        return words == null ? renew(variable) : widen(variable, words);
    }

    private Tensor widen(Var variable, Tensor words) {
        Tensor value = arena.allocate(variable.shape());
        PairedSpans.widen(pass.kernels().bfloat(), pass.workers(), words, value);
        arena.release(words);
        variable.storeWide(value);
        return value;
    }

    private Tensor renew(Var variable) {
        Renewal renewal = Objects.requireNonNull(variable.renewal());
        Tensor value = arena.allocate(variable.shape());
        pass.run(renewal.work(), () -> renewal.forward().accept(value));
        variable.storeWide(value);
        renewed.add(variable);
        return value;
    }

    /// How many values are there because they were computed again.
    int renewed() {
        return renewed.size();
    }

    /// Gives back what was computed again, except the first `mark`.
    void letGoRenewed(int mark) {
        for (int i = renewed.size() - 1; i >= mark; i--) {
            Var variable = renewed.remove(i);
            arena.release(variable.value());
            variable.storeNothing(this);
        }
    }
}
