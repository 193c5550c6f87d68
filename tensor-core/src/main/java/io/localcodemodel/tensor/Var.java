package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import org.jspecify.annotations.Nullable;

/// A value in a computation and, when somebody asks for it, the gradient of the loss with respect to it.
///
/// A variable is either a *leaf* (a parameter or an input, made by a caller) or the output of an operation (made by
/// [Pass#output]). Gradients are added up until [#clearGradient()] starts a new accumulation.
public final class Var {
    private final Shape shape;
    private final boolean requiresGradient;
    /// Null for the output of an operation.
    private final @Nullable LeafState leafState;
    /// The numbers; null while they are only stored as pairs.
    private @Nullable Tensor value;
    /// The words of the pairs the value is stored as; of a split leaf, of both halves. See [#pairs()].
    private @Nullable Tensor words;
    /// Who gives the numbers back when they are asked for and are not there as floats; null for a split leaf.
    private @Nullable Retention keeper;
    /// How to compute an output again; null where that is not possible.
    private @Nullable Renewal renewal;
    /// Whether the value has to stay as it is.
    private boolean exact;
    private @Nullable Tensor gradient;

    Var(Tensor value, boolean requiresGradient, boolean leaf) {
        this.shape = value.shape();
        this.value = value;
        this.requiresGradient = requiresGradient;
        this.leafState = leaf ? new LeafState() : null;
    }

    /// A trainable leaf: its gradient is kept until it is cleared.
    public static Var parameter(Tensor value) {
        return new Var(value, true, true);
    }

    /// A leaf without gradient.
    public static Var constant(Tensor value) {
        return new Var(value, false, true);
    }

    /// The numbers. Those of an operation's output may have moved, been rounded ([Pass#precision]) or been given back
    /// ([Pass#recordRenewable]) when the way back asks for them: a backward asks again, outside the blocks that it hands to
    /// workers.
    ///
    /// @throws IllegalStateException if this leaf is split ([MasterWeights])
    public Tensor value() {
        Tensor present = value;
        if (present != null) {
            return present;
        }
        if (keeper == null) {
            throw new IllegalStateException("the weights of " + this
                    + " are split for training in bfloat16; join them first (MasterWeights.join)");
        }
        return keeper.restore(this);
    }

    /// The value as it is stored in pairs of bfloat16 ([io.localcodemodel.tensor.kernel.BfloatKernels]), or null where it
    /// is stored as floats. The tensor holds the words, two numbers in each.
    public @Nullable Tensor pairs() {
        Tensor stored = words;
        if (stored == null || !isSplit()) {
            return stored;
        }
        FloatStorage both = new FloatStorage(stored.array(), stored.offset(), stored.size() / 2);
        return new Tensor(Shape.of(both.length()), both);
    }

    /// Whether the value is stored in two parts ([MasterWeights]).
    public boolean isSplit() {
        return words != null && keeper == null;
    }

    /// The words of a split leaf: the pairs of its upper halves, then those of its lower halves.
    ///
    /// @throws IllegalStateException if it is not split
    public Tensor words() {
        Tensor stored = words;
        if (stored == null || !isSplit()) {
            throw new IllegalStateException(this + " is not split");
        }
        return stored;
    }

    /// The shape of the value.
    public Shape shape() {
        return shape;
    }

    /// Whether a backward pass has to compute a gradient here.
    public boolean requiresGradient() {
        return requiresGradient;
    }

    /// The gradient accumulated so far, or null where none was.
    public @Nullable Tensor gradient() {
        return gradient;
    }

    /// Starts a new accumulation: there is no gradient until a backward pass reaches this variable again, which then
    /// assigns instead of adding. The buffer is kept.
    public void clearGradient() {
        if (gradient != null && leafState != null) {
            leafState.keepSpare(gradient);
        }
        gradient = null;
    }

    /// Lets go of the gradient and of its buffer.
    public void forgetGradient() {
        gradient = null;
        if (leafState != null) {
            leafState.keepSpare(null);
        }
    }

    /// How often the value of this leaf was changed in place; a cache derived from the value compares it.
    public long version() {
        return leafState == null ? 0 : leafState.version();
    }

    /// Says that the value was changed in place, as an optimiser step or the loading of a file does.
    public void changed() {
        if (leafState != null) {
            leafState.changed();
        }
    }

    /// Where a product keeps this leaf packed for the next one, or null where it is not worth it: a leaf that is multiplied
    /// with more than once between two changes ([#changed()]), as weights are by several micro-batches, is kept from
    /// its second product on. The memory goes when a version was used only once, and with the variable.
    ///
    /// Every call stands for one product, and all of them belong to one thread.
    ///
    /// @param layout [Layout#NT] or [Layout#NN]
    public @Nullable Panels panels(Layout layout) {
        return leafState == null ? null : leafState.panels(layout);
    }

    /// The memory in which products keep this weight packed.
    public long panelBytes() {
        return leafState == null ? 0 : leafState.panelBytes();
    }

    /// Lets go of what products kept packed of this weight ([Pass#keepingPacked(boolean)]).
    public void forgetPanels() {
        if (leafState != null) {
            leafState.forgetPanels();
        }
    }

    boolean leaf() {
        return leafState != null;
    }

    /// What this has because it is a leaf, or null where it is none.
    @Nullable
    LeafState leafState() {
        return leafState;
    }

    void setGradient(@Nullable Tensor gradient) {
        this.gradient = gradient;
    }

    // ---------------------------------------------------------------- how the value is stored

    /// The numbers, where they are stored as floats.
    @Nullable
    Tensor present() {
        return value;
    }

    /// The words, where the numbers are stored as pairs.
    @Nullable
    Tensor stored() {
        return words;
    }

    /// Says that the value is now stored as pairs, which `by` widens.
    void storeRounded(Tensor pairs, Retention by) {
        value = null;
        words = pairs;
        keeper = by;
    }

    /// Says that the value is not stored; `by` computes it again.
    void storeNothing(Retention by) {
        value = null;
        keeper = by;
    }

    /// Says that the value is stored as floats again.
    void storeWide(Tensor floats) {
        value = floats;
        words = null;
        keeper = null;
    }

    void hideSplit() {
        words = value;
        value = null;
    }

    void showJoined() {
        value = words;
        words = null;
    }

    void setRenewal(@Nullable Renewal renewal) {
        this.renewal = renewal;
    }

    @Nullable
    Renewal renewal() {
        return renewal;
    }

    /// Asks that the value waits for the way back as it is, whatever the pass's [Precision]: for an operation whose backward
    /// reads all of it as floats, many times over, as attention does.
    public void keepExact() {
        exact = true;
    }

    boolean keptExact() {
        return exact;
    }

    @Override
    public String toString() {
        return "Var" + shape;
    }
}
