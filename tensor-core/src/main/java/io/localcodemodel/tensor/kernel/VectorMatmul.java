package io.localcodemodel.tensor.kernel;

/// Chooses how a matrix product is done.
final class VectorMatmul {
    private VectorMatmul() {}

    static void multiply(
            Workers workers,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        Scratch scratch = workers.borrow();
        try {
            BlockedProduct.of(scratch)
                    .set(layout, m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue)
                    .run(workers, scratch);
        } finally {
            workers.giveBack(scratch);
        }
    }

    static void multiply(
            Scratch scratch,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        BlockedProduct.of(scratch)
                .set(layout, m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue)
                .run(null, scratch);
    }
}
