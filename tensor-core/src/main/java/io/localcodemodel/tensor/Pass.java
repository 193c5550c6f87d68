package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One walk through a model: what an operation needs from its surroundings, and the tape for the way back.
///
/// A pass says who computes ([#compute()]), where buffers come from ([#output], [#temporary]), whether operations
/// record their backward ([#records()]) and whether dropout acts ([#training()]). Operations take it as their first
/// argument; nothing is looked up in statics, so two models in one process never meet.
///
/// **Life of a buffer.** While recording, an output lives until its own backward has run: every operation that reads
/// it comes later on the tape and so has run before. Without recording, an output lives until the surrounding
/// [#scoped] ends. Closing the pass gives everything back to the arena; values to be kept are copied out before.
///
/// A pass belongs to one thread.
public final class Pass implements AutoCloseable {
    private final Compute compute;
    private final Arena arena;
    private final boolean training;
    private final long seed;
    private boolean records;
    private boolean recomputes;
    private long drawn;
    private final List<Entry> tape = new ArrayList<>();
    private final List<Tensor> lent = new ArrayList<>();

    /// One recorded operation.
    ///
    /// @param output what the operation made or changed in place
    /// @param owned whether the operation made the output, so that the output dies with it
    /// @param backward its way back
    /// @param saved buffers that only the way back needs
    private record Entry(Var output, boolean owned, Backward backward, Tensor[] saved) {}

    private Pass(Compute compute, Arena arena, boolean records, boolean training, long seed) {
        this.compute = compute;
        this.arena = arena;
        this.records = records;
        this.training = training;
        this.seed = seed;
    }

    /// A pass that records and drops out: a training step.
    ///
    /// @param seed where dropout draws its masks from
    public static Pass training(Compute compute, Arena arena, long seed) {
        return new Pass(compute, arena, true, true, seed);
    }

    /// A pass that records without dropout: gradients of the model as it is used.
    public static Pass recording(Compute compute, Arena arena) {
        return new Pass(compute, arena, true, false, 0);
    }

    /// A pass that only computes values.
    public static Pass inference(Compute compute, Arena arena) {
        return new Pass(compute, arena, false, false, 0);
    }

    /// Who computes.
    public Compute compute() {
        return compute;
    }

    /// The kernels of [#compute()].
    public Kernels kernels() {
        return compute.kernels();
    }

    /// The workers of [#compute()].
    public Workers workers() {
        return compute.workers();
    }

    /// Whether operations record their backward now.
    public boolean records() {
        return records;
    }

    /// Whether dropout acts.
    public boolean training() {
        return training;
    }

    /// Asks the model to keep only the inputs of its blocks and to compute the rest again on the way back
    /// ([#recomputed]): less memory for more time, the same numbers. Called before the forward.
    public Pass recomputing(boolean recomputes) {
        this.recomputes = recomputes;
        return this;
    }

    /// Whether a model should run its blocks through [#recomputed].
    public boolean recomputes() {
        return recomputes;
    }

    /// A fresh seed for an operation that draws random numbers; the same sequence in every run of the same pass.
    public long nextSeed() {
        return Randomness.mix(seed + Randomness.GOLDEN * ++drawn);
    }

    // ---------------------------------------------------------------- buffers

    /// The output of an operation over the given inputs, with undefined contents. It requires a gradient when the pass
    /// records and one of the inputs does.
    public Var output(Shape shape, @Nullable Var... inputs) {
        boolean requiresGradient = false;
        if (records) {
            for (Var input : inputs) {
                requiresGradient |= input != null && input.requiresGradient();
            }
        }
        Tensor value = arena.allocate(shape);
        if (!requiresGradient) {
            lent.add(value);
        }
        return new Var(value, requiresGradient, false);
    }

    /// A buffer with undefined contents for use inside one operation; the caller passes it to [#release] or, where the
    /// way back needs it, to [#record].
    public Tensor temporary(Shape shape) {
        return arena.allocate(shape);
    }

    /// Gives back a [#temporary].
    public void release(Tensor temporary) {
        arena.release(temporary);
    }

    /// Runs part of a model. Without recording, all buffers it took are given back at its end, except the result's.
    public Var scoped(Supplier<Var> part) {
        int mark = lent.size();
        Var result = part.get();
        if (!records) {
            releaseLent(mark, result.value());
        }
        return result;
    }

    @SuppressWarnings("ReferenceEquality") // the same storage, not an equal one
    private void releaseLent(int mark, @Nullable Tensor kept) {
        boolean keep = false;
        for (int i = lent.size() - 1; i >= mark; i--) {
            Tensor tensor = lent.remove(i);
            if (kept != null && tensor.storage() == kept.storage()) {
                keep = true;
            } else {
                arena.release(tensor);
            }
        }
        if (keep && kept != null) {
            lent.add(kept);
        }
    }

    // ---------------------------------------------------------------- the tape

    /// Records the way back of an operation that made `output`. Call it only where `output` requires a gradient.
    ///
    /// @param saved temporaries that the way back reads; they are released after it
    public void record(Var output, Backward backward, Tensor... saved) {
        tape.add(new Entry(output, true, backward, saved));
    }

    /// Records the way back of an operation that changed `variable` in place.
    public void recordInPlace(Var variable, Backward backward, Tensor... saved) {
        tape.add(new Entry(variable, false, backward, saved));
    }

    /// The gradient buffer of `variable` to add to: zeros at the first call.
    public Tensor gradient(Var variable) {
        boolean fresh = variable.gradient() == null;
        Tensor gradient = gradientToFill(variable);
        if (fresh) {
            gradient.fill(0);
        }
        return gradient;
    }

    /// The gradient buffer of `variable` for an operation that writes every element. Where
    /// `variable.gradient()` was null before the call the contents are undefined and are to be assigned; otherwise the
    /// operation adds.
    public Tensor gradientToFill(Var variable) {
        Tensor gradient = variable.gradient();
        if (gradient == null) {
            gradient = variable.leaf() ? Tensor.zeros(variable.shape()) : arena.allocate(variable.shape());
            variable.setGradient(gradient);
        }
        return gradient;
    }

    /// Adds the gradient of `output` to that of `input`, where the one passes to the other unchanged.
    public void addGradient(Var output, Var input) {
        Tensor from = gradientOf(output);
        Tensor to = gradient(input);
        kernels().add(to.array(), to.offset(), from.array(), from.offset(), to.array(), to.offset(), to.size());
    }

    /// Adds the gradient of `output` to that of `input`, where the one passes to the other unchanged. `output`'s
    /// gradient may be handed over instead of copied, so this is the last thing a backward does with it.
    public void passGradient(Var output, Var input) {
        if (input.gradient() == null && !input.leaf()) {
            input.setGradient(gradientOf(output));
            output.setGradient(null);
        } else {
            addGradient(output, input);
        }
    }

    /// The gradient that has reached the output of an operation.
    public Tensor gradientOf(Var output) {
        Tensor gradient = output.gradient();
        if (gradient == null) {
            throw new IllegalStateException("no gradient has reached " + output);
        }
        return gradient;
    }

    /// Walks the tape backwards from a scalar loss and adds the gradient of every leaf that requires one.
    ///
    /// @throws IllegalStateException if the pass does not record or `loss` is not a single number that depends on a
    ///     variable requiring a gradient
    public void backward(Var loss) {
        backward(loss, 1f);
    }

    /// As [#backward(Var)], of `scale` times the loss: a micro-batch of an accumulated batch passes its share.
    public void backward(Var loss, float scale) {
        if (loss.value().size() != 1) {
            throw new IllegalStateException("backward starts at a single number, not at " + loss);
        }
        if (!loss.requiresGradient()) {
            throw new IllegalStateException("the loss depends on no variable that requires a gradient"
                    + (records ? "" : ": this pass does not record"));
        }
        gradient(loss).fill(scale);
        unwind(0);
    }

    private void unwind(int mark) {
        for (int i = tape.size() - 1; i >= mark; i--) {
            Entry entry = tape.remove(i);
            if (entry.output.gradient() != null) {
                entry.backward.run();
            }
            discard(entry);
        }
    }

    private void discard(Entry entry) {
        for (Tensor saved : entry.saved) {
            arena.release(saved);
        }
        if (entry.owned) {
            arena.release(entry.output.value());
            Tensor gradient = entry.output.gradient();
            if (gradient != null) {
                arena.release(gradient);
                entry.output.setGradient(null);
            }
        }
    }

    /// Runs a part of the model without keeping what its backward needs, and runs it again when the gradient comes:
    /// gradient checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Memory falls to the
    /// part's input and output, the numbers stay exactly the same.
    ///
    /// @param input what the part reads besides parameters
    public Var recomputed(Var input, Part part) {
        if (!records) {
            return scoped(() -> part.apply(input));
        }
        long drawnBefore = drawn;
        records = false;
        Var once;
        try {
            once = scoped(() -> part.apply(input));
        } finally {
            records = true;
        }
        lent.remove(lent.size() - 1);
        Var output = new Var(once.value(), true, false);
        record(output, () -> {
            long drawnAfter = drawn;
            drawn = drawnBefore;
            Var copy = new Var(input.value(), input.requiresGradient(), false);
            int mark = tape.size();
            int lentMark = lent.size();
            Var again = part.apply(copy);
            again.setGradient(output.gradient());
            output.setGradient(null);
            unwind(mark);
            releaseLent(lentMark, null);
            drawn = drawnAfter;
            if (copy.gradient() != null) {
                passGradient(copy, input);
                Tensor left = copy.gradient();
                if (left != null) {
                    arena.release(left);
                }
            }
        });
        return output;
    }

    /// A part of a model from one variable to another.
    @FunctionalInterface
    public interface Part {
        /// The part's output for an input.
        Var apply(Var input);
    }

    /// Gives every buffer of this pass back to the arena.
    @Override
    public void close() {
        for (int i = tape.size() - 1; i >= 0; i--) {
            discard(tape.get(i));
        }
        tape.clear();
        releaseLent(0, null);
    }
}
