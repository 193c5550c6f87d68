package io.localcodemodel.tensor;

/// Where the numbers of a tensor lie.
///
/// The set is closed: an operation that reads weights switches over it without a default, so that a new storage is
/// noticed by the compiler at every place that has to know it.
public sealed interface Storage permits FloatStorage, BlockStorage, StackedStorage {
    /// The number of elements this storage holds.
    int length();
}
