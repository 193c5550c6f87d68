package io.localcodemodel.tensor;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How the values that a [Pass] has recorded wait for the way back: as floats, or rounded to bfloat16 where the pass was
/// asked to ([Pass#precision]).
final class Retention {
    private final Pass pass;
    private final Arena arena;
    private final Tape tape;
    private final Thread thread = Thread.currentThread();

    Retention(Pass pass, Arena arena, Tape tape) {
        this.pass = pass;
        this.arena = arena;
        this.tape = tape;
    }

    /// Rounds what was recorded from a place on the tape on, except one variable.
    @SuppressWarnings("ReferenceEquality")
    void round(int from, @Nullable Var kept) {
        for (int i = from; i < tape.size(); i++) {
            Var variable = tape.output(i);
            Tensor value = variable.present();
            if (variable != kept && value != null && !variable.keptExact() && Arena.halves(variable.shape())) {
                round(variable, value);
                arena.release(value);
            }
        }
    }

    /// Stores a variable as the rounded numbers of `value`, which stays with the caller.
    void round(Var variable, Tensor value) {
        Tensor words = arena.allocate(Shape.of(PairedSpans.words(value.size())));
        pass.run(
                new Work("round to bf16", value.size(), 6L * value.size()),
                () -> PairedSpans.round(pass.kernels().bfloat(), pass.workers(), value, words));
        variable.storeRounded(words, this);
    }

    /// The numbers of a rounded variable, as floats from now on.
    Tensor widen(Var variable) {
        Tensor words = Objects.requireNonNull(variable.stored());
        if (!thread.equals(Thread.currentThread())) {
            throw new IllegalStateException(
                    "a rounded value was read by a worker; read " + variable + " before the work is handed out");
        }
        Tensor value = arena.allocate(variable.shape());
        PairedSpans.widen(pass.kernels().bfloat(), pass.workers(), words, value);
        arena.release(words);
        variable.storeWide(value);
        return value;
    }
}
