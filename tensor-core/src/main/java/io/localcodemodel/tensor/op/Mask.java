package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;

/// Which keys a query sees inside its sequence: always a contiguous range of positions.
public sealed interface Mask {
    /// Position `i` sees `j` with `j <= i`.
    record Causal() implements Mask {}

    /// Position `i` sees `j` with `i - window < j <= i` (Beltagy, Peters and Cohan 2020, Longformer; Mistral).
    ///
    /// @param window how many positions are seen, its own included; at least 1
    record SlidingWindow(int window) implements Mask {
        public SlidingWindow {
            if (window < 1) {
                throw new IllegalArgumentException("sliding window: expected at least 1 position, found " + window);
            }
        }
    }

    /// Every position sees every position.
    record Bidirectional() implements Mask {}

    /// The first position that a query at `position` sees.
    default int first(int position) {
        return switch (this) {
            case Causal() -> 0;
            case SlidingWindow(int window) -> Math.max(0, position - window + 1);
            case Bidirectional() -> 0;
        };
    }

    /// One past the last position that a query at `position` sees among `length` keys.
    default int end(int position, int length) {
        return switch (this) {
            case Causal() -> Math.min(position + 1, length);
            case SlidingWindow(int _) -> Math.min(position + 1, length);
            case Bidirectional() -> length;
        };
    }

    /// This mask written out: `[length, length]` with 0 where query (row) sees key (column) and negative infinity
    /// elsewhere.
    default Tensor additive(int length) {
        Tensor mask = Tensor.zeros(Shape.of(length, length));
        mask.fill(Float.NEGATIVE_INFINITY);
        for (int i = 0; i < length; i++) {
            for (int j = first(i); j < end(i, length); j++) {
                mask.array()[i * length + j] = 0;
            }
        }
        return mask;
    }
}
