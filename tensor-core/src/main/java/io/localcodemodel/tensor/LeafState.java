package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import org.jspecify.annotations.Nullable;

/// What a leaf has and an operation's output has not: the number of its value's changes, the buffer of its last gradient, and how
/// products keep it packed.
final class LeafState {
    private long version;
    private @Nullable Tensor spareGradient;
    /// As the factor of `X·Wᵀ` and of `X·W`.
    private PanelUse transposedUse = new PanelUse();

    private PanelUse straightUse = new PanelUse();

    long version() {
        return version;
    }

    void changed() {
        version++;
    }

    /// Where the next product keeps the leaf packed, or null where it is not worth it.
    @Nullable
    Panels panels(Layout layout) {
        return (layout == Layout.NT ? transposedUse : straightUse).next(version);
    }

    long panelBytes() {
        return transposedUse.bytes() + straightUse.bytes();
    }

    void forgetPanels() {
        transposedUse = new PanelUse();
        straightUse = new PanelUse();
    }

    /// Keeps the buffer of a gradient for the next one, or lets go of it.
    void keepSpare(@Nullable Tensor gradient) {
        spareGradient = gradient;
    }

    /// A buffer for a new gradient, with undefined contents.
    Tensor takeSpare(Shape shape) {
        Tensor spare = spareGradient;
        spareGradient = null;
        return spare == null ? Tensor.zeros(shape) : spare;
    }
}
