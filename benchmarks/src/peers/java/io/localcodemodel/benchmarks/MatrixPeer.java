package io.localcodemodel.benchmarks;

import org.bytedeco.javacpp.FloatPointer;

/// A native library whose matrix products are compared with this library's, on memory outside the Java heap, so that
/// nothing is copied.
interface MatrixPeer {
    /// Its name in the report.
    String name();

    /// The name of its figures in the JSON object.
    String key();

    /// Its version and which kernels it says that it has chosen for this processor.
    String kernels();

    /// On how many threads the products are run that are prepared from now on.
    void threads(int count);

    /// What computes `C = A·B` each time it is run.
    Runnable prepare(Product product, FloatPointer a, FloatPointer b, FloatPointer c);

    /// Pointers to the matrices of a batch, which follow one another.
    static FloatPointer[] parts(FloatPointer whole, int count, int length) {
        FloatPointer[] parts = new FloatPointer[count];
        for (int i = 0; i < count; i++) {
            parts[i] = new FloatPointer(whole).position((long) i * length);
        }
        return parts;
    }
}
