package io.localcodemodel.tensor;

import org.jspecify.annotations.Nullable;

/// A value in a computation and, when somebody asks for it, the gradient of the loss with respect to it.
///
/// A variable is either a *leaf* (a parameter or an input, made by a caller) or the output of an operation (made by
/// [Pass#output]). Gradients are added up until [#clearGradient()] starts a new accumulation.
public final class Var {
    private final Tensor value;
    private final boolean requiresGradient;
    private final boolean leaf;
    private @Nullable Tensor gradient;
    /// The buffer of the last gradient, for the next one.
    private @Nullable Tensor spareGradient;
    private long version;

    Var(Tensor value, boolean requiresGradient, boolean leaf) {
        this.value = value;
        this.requiresGradient = requiresGradient;
        this.leaf = leaf;
    }

    /// A trainable leaf: its gradient is kept until it is cleared.
    public static Var parameter(Tensor value) {
        return new Var(value, true, true);
    }

    /// A leaf without gradient.
    public static Var constant(Tensor value) {
        return new Var(value, false, true);
    }

    /// The numbers.
    public Tensor value() {
        return value;
    }

    /// The shape of the value.
    public Shape shape() {
        return value.shape();
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
        if (gradient != null) {
            spareGradient = gradient;
            gradient = null;
        }
    }

    /// How often the value of this leaf was changed in place; a cache derived from the value compares it.
    public long version() {
        return version;
    }

    /// Says that the value was changed in place, as an optimiser step or the loading of a file does.
    public void changed() {
        version++;
    }

    boolean leaf() {
        return leaf;
    }

    /// A buffer for a new gradient of a leaf, with undefined contents.
    Tensor takeSpareGradient() {
        Tensor spare = spareGradient;
        spareGradient = null;
        return spare == null ? Tensor.zeros(value.shape()) : spare;
    }

    void setGradient(@Nullable Tensor gradient) {
        this.gradient = gradient;
    }

    @Override
    public String toString() {
        return "Var" + value.shape();
    }
}
