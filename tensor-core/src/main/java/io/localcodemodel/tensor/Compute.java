package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.concurrent.Executor;

/// Who computes: a set of kernels and the workers that share their work.
///
/// One object can serve any number of models and passes, one operation at a time; closing it ends its threads.
///
/// @param kernels how a span of numbers is computed
/// @param workers which threads do it
public record Compute(Kernels kernels, Workers workers) implements AutoCloseable {
    /// The fastest kernels this process can run, on as many workers as there are processors.
    public static Compute create() {
        return create(Runtime.getRuntime().availableProcessors());
    }

    /// The fastest kernels this process can run, on the given number of workers (the calling thread is one of them).
    public static Compute create(int workers) {
        return new Compute(Kernels.fastest(), Workers.of(workers));
    }

    /// The fastest kernels this process can run, on threads of an executor that are borrowed for each operation. Closing it
    /// leaves the executor as it is.
    ///
    /// @param workers the most threads that compute at a time, the calling one included
    public static Compute on(Executor executor, int workers) {
        return new Compute(Kernels.fastest(), Workers.on(executor, workers));
    }

    /// The defining, untuned kernels on the calling thread alone.
    public static Compute reference() {
        return new Compute(Kernels.reference(), Workers.of(1));
    }

    @Override
    public void close() {
        workers.close();
    }
}
