package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.kernel.Layout;

/// A matrix product that libraries are compared on, with all matrices row-major and without gaps.
///
/// @param batch how many independent products there are, one after the other in memory, as the heads of attention; 1 for
///     a plain one
record Product(Layout layout, int m, int n, int k, int batch) {
    /// The same shape in another layout.
    Product in(Layout other) {
        return new Product(other, m, n, k, batch);
    }

    /// Elements between the starts of two rows of A as it is stored.
    int aStride() {
        return layout == Layout.TN ? m : k;
    }

    /// Elements between the starts of two rows of B as it is stored.
    int bStride() {
        return layout == Layout.NT ? k : n;
    }

    long operations() {
        return 2L * m * n * k * batch;
    }

    @Override
    public String toString() {
        return (batch > 1 ? batch + " x " : "") + m + "x" + n + "x" + k + " " + layout;
    }
}
