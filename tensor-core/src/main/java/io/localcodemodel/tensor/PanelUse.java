package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Panels;
import org.jspecify.annotations.Nullable;

/// Decides whether a weight is kept packed: from the second product with the same version of it on, and as long as each
/// version is used more than once.
final class PanelUse {
    private @Nullable Panels panels;
    private long version = -1;
    private int uses;

    long bytes() {
        return panels == null ? 0 : panels.bytes();
    }

    /// The panels for the next product, or null where it should pack for itself.
    @Nullable
    Panels next(long current) {
        if (current != version) {
            if (uses < 2) {
                panels = null;
            }
            if (panels != null) {
                panels.invalidate();
            }
            version = current;
            uses = 0;
        }
        uses++;
        if (panels == null && uses == 2) {
            panels = new Panels();
        }
        return panels;
    }
}
