package io.localcodemodel.tensor;

import java.util.function.Consumer;

/// How the value of an output is computed again.
///
/// @param work what that has to do
/// @param forward fills a buffer with the value
record Renewal(Work work, Consumer<Tensor> forward) {}
