package io.localcodemodel.benchmarks.ladder;

import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Workers;

/// The library's own product: a tile as large as the registers allow, A packed too, blocks for each level of the
/// caches, and as many threads as the workers have.
public final class Library implements Rung {
    private final Kernels kernels = Kernels.fastest();
    private final Workers workers;

    /// The product on the given workers.
    public Library(Workers workers) {
        this.workers = workers;
    }

    /// How many threads compute.
    public int threads() {
        return workers.count();
    }

    @Override
    public void multiply(int n, float[] a, float[] b, float[] c) {
        kernels.matmul(workers, Layout.NN, n, n, n, a, 0, n, b, 0, n, c, 0, n, Epilogue.ASSIGN);
    }
}
