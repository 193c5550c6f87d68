package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;

/// Products with weights in block formats, and their decoding; the other spans are as in [Kernels].
public interface BlockKernels {
    /// `C[m,n] = A·Wᵀ` with weights `n × k` in a block format, read where they lie; `k` is a whole number of blocks.
    ///
    /// @param weights memory outside the heap that holds `n` rows of blocks from `weightsOffset` on
    void product(
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
            Epilogue epilogue);

    /// `out[outOffset + i] = ` element `i` of weights in a block format, `length` of them from the byte `at` on: what
    /// [BlockFormat#decode] gives, up to the rounding of a product and a sum.
    ///
    /// @throws IllegalArgumentException if they are no whole number of blocks
    /// @throws IndexOutOfBoundsException if the segment or the array is too short; nothing is written then
    void decode(BlockFormat format, MemorySegment weights, long at, float[] out, int outOffset, int length);
}
