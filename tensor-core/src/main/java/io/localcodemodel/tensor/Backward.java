package io.localcodemodel.tensor;

/// The backward half of an operation: reads the gradient of its output and adds to the gradients of its inputs.
@FunctionalInterface
public interface Backward {
    /// Runs after every later operation's backward, exactly once.
    void run();
}
