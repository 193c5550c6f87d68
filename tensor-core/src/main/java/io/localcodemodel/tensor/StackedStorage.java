package io.localcodemodel.tensor;

import java.util.List;

/// Frozen matrices of equal width, stacked row on row, each in a format and at a place of its own: what is one matrix to
/// a model, such as queries, keys and values, and several tensors to a file.
///
/// @param parts the matrices from the top, each of whole rows
public record StackedStorage(List<BlockStorage> parts) implements Storage {
    /// @throws IllegalArgumentException if there are no parts
    public StackedStorage {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("stacked storage needs at least one part");
        }
    }

    @Override
    public int length() {
        return parts.stream().mapToInt(BlockStorage::length).reduce(0, Math::addExact);
    }
}
