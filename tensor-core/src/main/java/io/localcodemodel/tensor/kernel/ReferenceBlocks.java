package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;

/// The definition of the kernels over block formats: every row is decoded, then multiplied.
final class ReferenceBlocks implements BlockKernels {
    static final ReferenceBlocks INSTANCE = new ReferenceBlocks();

    private ReferenceBlocks() {}

    @Override
    public void product(
            Workers workers,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            BlockFormat format,
            MemorySegment weights,
            long weightsOffset,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        workers.run(n, (j, scratch) -> {
            float[] row = scratch.floats(Scratch.FIRST_FREE, k);
            format.decode(weights, weightsOffset + j * format.bytes(k), row, 0, k);
            for (int i = 0; i < m; i++) {
                ReferenceKernels.matmulElement(
                        ReferenceKernels.INSTANCE.dot(a, aOffset + i * aStride, row, 0, k),
                        i,
                        j,
                        c,
                        cOffset,
                        cStride,
                        epilogue);
                epilogue.activate(ReferenceKernels.INSTANCE, c, cOffset + i * cStride + j, i, j, 1);
            }
        });
    }

    @Override
    public void decode(BlockFormat format, MemorySegment weights, long at, float[] out, int outOffset, int length) {
        format.decode(weights, at, out, outOffset, length);
    }
}
