package io.localcodemodel.tensor;

/// A part of a model that runs once for its result and once more, on the way back, for what its own way back needs.
final class Recomputation {
    /// What is left of its time when the operations inside are counted by themselves.
    static final Work WORK = new Work("recomputation", 0, 0);

    private final Pass pass;
    private final Var input;
    private final Pass.Part part;
    private final long drawnBefore;
    /// Which of the part's outputs its result is, counted from 1, where that is the last; otherwise 0.
    private long resultPlace;

    Recomputation(Pass pass, Var input, Pass.Part part) {
        this.pass = pass;
        this.input = input;
        this.part = part;
        this.drawnBefore = pass.drawn;
    }

    /// The run without a record.
    Var first() {
        Outputs outputs = pass.outputs;
        long before = outputs.count();
        Var result = part.apply(input);
        resultPlace = outputs.isLatest(result) ? outputs.count() - before : 0;
        return result;
    }

    /// The run with a record, and the way back over it with the gradient that has reached `output`.
    void again(Var output) {
        Tape tape = pass.tape;
        Retention retention = pass.retention;
        int tapeMark = tape.size();
        int lentMark = pass.lent();
        Var copy = new Var(input.value(), input.requiresGradient(), false);
        Var result = rerun(copy);
        boolean rounds =
                pass.precision == Precision.BF16 && Arena.halves(copy.shape()) && !input.leaf() && !copy.keptExact();
        retention.settle(tapeMark, null, pass.precision);
        if (rounds) {
            retention.storeRounded(copy, copy.value());
        }
        if (result.requiresGradient()) {
            result.setGradient(output.gradient());
            output.setGradient(null);
            pass.unwind(tapeMark);
        }
        pass.releaseLent(lentMark, null);
        if (rounds) {
            tape.releaseValue(copy);
        }
        if (copy.gradient() != null) {
            pass.passGradient(copy, input);
            tape.releaseGradient(copy);
        }
    }

    private Var rerun(Var copy) {
        Outputs outputs = pass.outputs;
        long drawnAfter = pass.drawn;
        pass.drawn = drawnBefore;
        long unread = resultPlace == 0 ? 0 : outputs.count() + resultPlace;
        outputs.expectUnread(unread);
        Var result = part.apply(copy);
        if (unread != 0 && (outputs.count() != unread || !outputs.isLatest(result))) {
            throw new IllegalStateException("a recomputed part ended in another operation when it ran again; "
                    + "a part does the same for the same input");
        }
        outputs.expectUnread(0);
        pass.drawn = drawnAfter;
        return result;
    }
}
