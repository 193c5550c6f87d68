package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
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
/// [#scoped] ends. Closing the pass gives all back but the temporaries of an operation that threw; copy out what to keep.
///
/// A pass belongs to one thread.
public final class Pass implements AutoCloseable {
    private final Compute compute;
    private final Arena arena;
    private final boolean training;
    private final long seed;
    private boolean records;
    private boolean recomputes;
    private boolean keepsPacked;
    Precision precision = Precision.F32;
    private @Nullable Profile profile;
    private final List<Tensor> lent = new ArrayList<>();
    // A recomputation reads these, and draws the same seeds again.
    long drawn;
    final Outputs outputs = new Outputs();
    final Tape tape;
    final Retention retention;
    private final BiConsumer<Work, Backward> back = this::back;

    private Pass(Compute compute, Arena arena, boolean records, boolean training, long seed) {
        this.compute = compute;
        this.arena = arena;
        this.tape = new Tape(arena);
        this.retention = new Retention(this, arena, tape);
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

    /// Lets products keep weights packed from one pass to the next while their [Var#version()] stays: for several
    /// micro-batches a step. Whoever asks for it says [Var#changed()] wherever a weight changes, as optimisers do.
    public Pass keepingPacked(boolean keeps) {
        this.keepsPacked = keeps;
        return this;
    }

    /// Whether products may keep weights packed.
    public boolean keepsPacked() {
        return keepsPacked;
    }

    /// Asks for values to be stored in less memory while they wait for the way back. Called before the forward.
    ///
    /// With [Precision#BF16] the forward computes as ever. When a part of the model is done, that is at the end of a
    /// [#scoped], what it recorded is rounded to bfloat16, except the part's result; the way back computes with the
    /// rounded values. Gradients, the statistics of norms, what else an operation saved for itself and what attention reads
    /// ([Var#keepExact()]) stay floats; so do the inputs of [#recomputed] parts, which makes
    /// recomputation give the same numbers as without it.
    public Pass precision(Precision precision) {
        this.precision = precision;
        return this;
    }

    /// Adds the time of every operation of this pass to `profile`. Called before the forward.
    public Pass profiled(@Nullable Profile profile) {
        this.profile = profile;
        tape.noteWork(profile != null);
        return this;
    }

    /// Runs the forward of an operation, under the clock where somebody asked for it.
    public void run(Work work, Runnable forward) {
        if (profile == null) {
            forward.run();
        } else {
            profile.time(work, Profile.Direction.FORWARD, forward);
        }
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
        Var output = new Var(value, requiresGradient, false);
        outputs.add(output);
        return output;
    }

    /// A value between two steps of one operation, with undefined contents, for an operation that records a way back for each
    /// step: where the output requires a gradient, and so does this. Nobody else reads it. The operation hands it to
    /// [#record].
    public Var intermediate(Shape shape) {
        return new Var(arena.allocate(shape), true, false);
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

    /// Runs part of a model, of which only the result is read by the parts after it. Without recording, all buffers it
    /// took are given back at its end, except the result's; while recording, those of [#recordRenewable] are given back,
    /// and the others are rounded where [#precision] asks for it.
    public Var scoped(Supplier<Var> part) {
        int mark = lent.size();
        int recorded = tape.size();
        Var result = part.get();
        if (records) {
            retention.settle(recorded, result, precision);
        } else {
            releaseLent(mark, result.value());
        }
        return result;
    }

    /// How many buffers are lent until a scope ends.
    int lent() {
        return lent.size();
    }

    @SuppressWarnings("ReferenceEquality") // the same storage, not an equal one
    void releaseLent(int mark, @Nullable Tensor kept) {
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

    void unwind(int from) {
        tape.unwind(from, back);
    }

    private void back(Work work, Backward backward) {
        int mark = retention.renewed();
        if (profile == null) {
            backward.run();
        } else {
            profile.time(work, Profile.Direction.BACKWARD, backward::run);
        }
        retention.letGoRenewed(mark);
    }

    /// Records the way back of an operation that made `output`. Call it only where `output` requires a gradient.
    ///
    /// @param work what the way back has to do
    /// @param saved temporaries that the way back reads; they are released after it
    public void record(Var output, Work work, Backward backward, Tensor... saved) {
        tape.add(output, work, true, backward, saved);
    }

    /// As [#record], for an output that is cheap to compute again from inputs that the way back needs anyway, as norms and
    /// activations are. At the end of the surrounding [#scoped] its value is given back. A backward that asks for
    /// [Var#value()] has it computed again, for the time of that backward. With [Precision#BF16] the inputs are rounded by
    /// then, so this is not for what one part of a model hands to the next, as dropout of an embedding does.
    ///
    /// @param work what the way back has to do
    /// @param again what computing again has to do
    /// @param forward computes the same bits from the same inputs; it reads them wherever they lie then
    public void recordRenewable(
            Var output, Work work, Backward backward, Work again, Consumer<Tensor> forward, Tensor... saved) {
        output.setRenewal(new Renewal(tape.noted(again), forward));
        record(output, work, backward, saved);
    }

    /// Records the way back of an operation that changed `variable` in place.
    public void recordInPlace(Var variable, Work work, Backward backward) {
        variable.setRenewal(null);
        tape.add(variable, work, false, backward);
    }

    /// The gradient buffer of `variable` to add to: zeros at the first call.
    public Tensor gradient(Var variable) {
        if (variable.gradient() == null) {
            gradientToFill(variable).fill(0);
        }
        return gradientOf(variable);
    }

    /// The gradient buffer of `variable` for an operation that writes every element. Where
    /// `variable.gradient()` was null before the call the contents are undefined and are to be assigned; otherwise the
    /// operation adds.
    public Tensor gradientToFill(Var variable) {
        if (variable.gradient() == null) {
            variable.setGradient(gradientAhead(variable));
        }
        return gradientOf(variable);
    }

    /// A buffer of `variable`'s shape with undefined contents, for an operation that computes a gradient in its forward
    /// already. The operation hands it to [#record] and, on the way back, to [#adoptGradient].
    public Tensor gradientAhead(Var variable) {
        LeafState leaf = variable.leafState();
        return leaf != null && variable.gradient() == null
                ? leaf.takeSpare(variable.shape())
                : arena.allocate(variable.shape());
    }

    /// Makes a buffer of [#gradientAhead] the gradient of `variable`; false where it cannot be and has to be added to
    /// the gradient instead.
    public boolean adoptGradient(Var variable, Tensor ahead) {
        if (variable.gradient() != null || !variable.leaf() || arena.lends(ahead)) {
            return false;
        }
        variable.setGradient(ahead);
        return true;
    }

    /// Adds the gradient of `output` to that of `input`, where the one passes to the other unchanged.
    public void addGradient(Var output, Var input) {
        boolean fresh = input.gradient() == null;
        Spans.add(this, gradientOf(output), gradientToFill(input), fresh);
    }

    /// As [#addGradient], and `output`'s gradient may be handed over instead of copied, so this is the last thing a
    /// backward does with it.
    public void passGradient(Var output, Var input) {
        if (input.gradient() == null && !input.leaf()) {
            gradientInPlace(output, input);
        } else {
            addGradient(output, input);
        }
    }

    /// As [#gradientToFill], for a backward that reads an element of the output's gradient, then writes the same one of the
    /// input's, and is done with it: the two may be one buffer.
    public Tensor gradientInPlace(Var output, Var input) {
        if (input.gradient() == null && !input.leaf()) {
            input.setGradient(gradientOf(output));
            output.setGradient(null);
        }
        return gradientToFill(input);
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

    /// Runs a part of the model without keeping what its backward needs, and runs it again when the gradient comes:
    /// gradient checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost"). Memory falls to the
    /// part's input and output, the numbers stay exactly the same.
    ///
    /// @param input what the part reads besides parameters; the part must not change it in place
    public Var recomputed(Var input, Part part) {
        if (!records) {
            return scoped(() -> part.apply(input));
        }
        Recomputation recomputation = new Recomputation(this, input, part);
        records = false;
        Var once;
        try {
            once = scoped(recomputation::first);
        } finally {
            records = true;
        }
        if (once.value().storage().equals(input.value().storage())) {
            throw new IllegalStateException("a recomputed part returned its input; expected a new variable, "
                    + "since the part runs again from an unchanged input");
        }
        lent.remove(lent.size() - 1);
        input.keepExact();
        Var output = new Var(once.value(), true, false);
        record(output, Recomputation.WORK, () -> recomputation.again(output));
        return output;
    }

    /// Whether the value of an output will be read. It is not where the output is the last one of a part that runs again
    /// only for what its way back needs ([#recomputed]). An operation of whose forward its backward needs nothing but the
    /// inputs asks, and leaves out its forward then.
    public boolean reads(Var output) {
        return outputs.reads(output);
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
        tape.clear();
        releaseLent(0, null);
    }
}
