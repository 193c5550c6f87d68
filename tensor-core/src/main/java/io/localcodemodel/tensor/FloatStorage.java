package io.localcodemodel.tensor;

import java.util.Objects;

/// A span of a heap array of 32-bit floats: activations, gradients and trainable weights.
///
/// @param array the array, possibly shared with other spans
/// @param offset the index of the first element
/// @param length the number of elements
public record FloatStorage(float[] array, int offset, int length) implements Storage {
    public FloatStorage {
        Objects.checkFromIndexSize(offset, length, array.length);
    }
}
