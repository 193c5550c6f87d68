package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;

/// Products with weights in a block format. Up to [#FEW_ROWS] rows read the weights in place; more rows decode a panel of
/// weights once and hand it to the product of floats.
final class VectorBlockProduct {
    /// Beyond it, decoding a panel costs less than reading the blocks once per row.
    static final int FEW_ROWS = 16;

    /// Weight rows of one panel.
    private static final int PANEL_ROWS = 64;
    /// The weights of one task are split in so many blocks, or more where rows are few: enough for any number of cores
    /// likely here, and large enough that preparing the input once per block does not count.
    private static final int BLOCKS = 16;

    private static final int LEAST_ROWS = 32;
    private static final int INPUT_SLOT = Scratch.FIRST_FREE;
    private static final int PANEL_SLOT = Scratch.FIRST_FREE + 1;

    private VectorBlockProduct() {}

    static void product(
            Kernels kernels,
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
        if (m > FEW_ROWS) {
            workers.run(
                    Math.ceilDiv(n, PANEL_ROWS),
                    (block, scratch) -> panel(
                            kernels,
                            scratch,
                            block * PANEL_ROWS,
                            m,
                            n,
                            k,
                            a,
                            aOffset,
                            aStride,
                            format,
                            weights,
                            weightsOffset,
                            c,
                            cOffset,
                            cStride,
                            epilogue));
            return;
        }
        int rows = Math.max(LEAST_ROWS, Math.ceilDiv(n, BLOCKS));
        workers.run(Math.ceilDiv(n, rows), (block, scratch) -> {
            int inputLength = VectorBlockRows.inputLength(format, k);
            float[] input = scratch.floats(INPUT_SLOT, m * inputLength);
            for (int i = 0; i < m; i++) {
                VectorBlockRows.prepare(format, a, aOffset + i * aStride, k, input, i * inputLength);
            }
            int end = Math.min(n, (block + 1) * rows);
            for (int j = block * rows; j < end; j++) {
                long at = weightsOffset + j * format.bytes(k);
                for (int i = 0; i < m; i++) {
                    float dot = VectorBlockRows.dot(format, weights, at, k, input, i * inputLength);
                    ReferenceKernels.matmulElement(dot, i, j, c, cOffset, cStride, epilogue);
                }
            }
        });
    }

    private static void panel(
            Kernels kernels,
            Scratch scratch,
            int first,
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
        int rows = Math.min(PANEL_ROWS, n - first);
        float[] panel = scratch.floats(PANEL_SLOT, rows * k);
        format.decode(weights, weightsOffset + first * format.bytes(k), panel, 0, rows * k);
        Epilogue part = new Epilogue(
                epilogue.accumulate(),
                epilogue.bias(),
                epilogue.biasOffset() + first,
                epilogue.residual(),
                epilogue.residualOffset() + first,
                epilogue.residualStride());
        kernels.matmul(
                scratch, Layout.NT, m, rows, k, a, aOffset, aStride, panel, 0, k, c, cOffset + first, cStride, part);
    }
}
