package io.localcodemodel.tensor.kernel;

/// A fixed number of threads that share the blocks of one task after another; the calling thread is one of them.
///
/// **Determinism.** A task is split into blocks by its caller, independent of how many workers there are; which worker
/// runs which block is open. A result that depends on order is reduced by the caller over blocks, in block order.
public interface Workers extends AutoCloseable {
    /// One block of a task.
    @FunctionalInterface
    interface Block {
        /// Computes block `index` with memory of the worker that runs it.
        void run(int index, Scratch scratch);
    }

    /// A group of the given size; 1 starts no thread.
    ///
    /// @throws IllegalArgumentException if `count` is less than 1
    static Workers of(int count) {
        return new InlineWorkers(count);
    }

    /// How many workers there are, the caller included.
    int count();

    /// Runs blocks `0` to `blocks - 1` and returns when all are done. An exception of a block reaches the caller after
    /// the others have ended; the workers stay usable. A block must not call `run` of the same workers.
    void run(int blocks, Block block);

    /// Ends the threads; does nothing the second time.
    @Override
    void close();
}
