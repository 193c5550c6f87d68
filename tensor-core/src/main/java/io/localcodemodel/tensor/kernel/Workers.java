package io.localcodemodel.tensor.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/// A fixed number of threads that share the blocks of one task after another; the calling thread is one of them.
///
/// **Determinism.** A task is split into blocks by its caller, independent of how many workers there are; which worker
/// runs which block is open. A result that depends on order is reduced by the caller over blocks, in block order.
///
/// **Sharing.** Any thread may call [#run]. One task at a time has the workers; a call that finds them busy, be it from
/// another thread or from inside a block, computes its blocks alone on the calling thread. So does a call with a single
/// block. An interrupt of the caller neither ends a task nor gets lost: the caller's interrupt status is left as it is.
public interface Workers extends AutoCloseable {
    /// One block of a task.
    @FunctionalInterface
    interface Block {
        /// Computes block `index` with memory of the worker that runs it.
        void run(int index, Scratch scratch);
    }

    /// A group of the given size with daemon threads of its own; 1 starts no thread. The threads spin for a moment after
    /// each task, so that the next is taken up in a fraction of a microsecond, and sleep after that.
    ///
    /// @throws IllegalArgumentException if `count` is less than 1
    static Workers of(int count) {
        return of(count, work -> {
            Thread thread = new Thread(work, "localcodemodel-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /// As [#of(int)], with threads of the caller's making: `count - 1` of them, which live until [#close].
    static Workers of(int count, ThreadFactory threads) {
        requirePositive(count);
        return count == 1 ? new InlineWorkers() : new ThreadWorkers(count, threads);
    }

    /// Workers that borrow threads of an executor for each task and hold none in between. Taking up a task costs as much
    /// as the executor takes to wake a thread; what it is too slow for, or refuses with a
    /// [java.util.concurrent.RejectedExecutionException], the caller computes itself. Anything else that it throws reaches
    /// the caller of [#run], once all blocks have ended. However busy the executor is, at most `count - 1` tasks of ours wait
    /// in it; one that drops them without a word is not asked again.
    ///
    /// @param count the most threads that compute at a time, the caller included
    static Workers on(Executor executor, int count) {
        requirePositive(count);
        return count == 1 ? new InlineWorkers() : new ExecutorWorkers(count, executor);
    }

    private static void requirePositive(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("workers: expected at least 1, found " + count);
        }
    }

    /// How many workers there are, the caller included.
    int count();

    /// Runs blocks `0` to `blocks - 1` and returns when all are done. After an exception of a block no further block is
    /// begun; it reaches the caller when those that were begun have ended, and the workers stay usable.
    ///
    /// @throws IllegalStateException if the workers are closed
    void run(int blocks, Block block);

    /// Memory for the caller itself, outside of any block, until [#giveBack].
    Scratch borrow();

    /// Takes back what [#borrow] lent.
    void giveBack(Scratch scratch);

    /// The memory that the workers keep from task to task. It is exact between tasks.
    long scratchBytes();

    /// Ends the threads and waits for their end; does nothing the second time.
    ///
    /// @throws IllegalStateException if one of the threads calls it
    @Override
    void close();
}
