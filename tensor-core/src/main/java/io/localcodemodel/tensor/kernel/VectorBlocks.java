package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The kernels over block formats on SIMD lanes.
final class VectorBlocks implements BlockKernels {
    static final VectorBlocks INSTANCE = new VectorBlocks();

    private VectorBlocks() {}

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
        if (m == 0 || n == 0) {
            return;
        }
        Scratch scratch = workers.borrow();
        try {
            VectorBlockProduct.of(scratch)
                    .set(m, n, k, a, aOffset, aStride, format, weights, weightsOffset, c, cOffset, cStride, epilogue)
                    .run(VectorKernels.INSTANCE, workers, scratch);
        } finally {
            workers.giveBack(scratch);
        }
    }

    @Override
    public void decode(BlockFormat format, MemorySegment weights, long at, float[] out, int outOffset, int length) {
        Objects.checkFromIndexSize(at, format.bytes(length), weights.byteSize());
        Objects.checkFromIndexSize(outOffset, length, out.length);
        VectorBlockDecoder.decode(format, weights, at, out, outOffset, length);
    }
}
