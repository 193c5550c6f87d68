package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;

/// Products with weights in a block format; the state of one at a time, kept in a [Scratch].
///
/// - One row of input: each row of weights is read in place and multiplied as it is decoded ([VectorBlockRows]).
/// - Up to [#FEW_ROWS]: workers decode panels of a few rows, small enough for their own cache, once for all rows of input.
/// - More: all workers decode a large panel, which then takes part in an ordinary product.
final class VectorBlockProduct implements Workers.Block {
    /// The most rows of input for which each worker decodes panels of its own. Beyond it, packing the input once per
    /// small panel costs more than the panel's way through memory.
    static final int FEW_ROWS = 16;

    /// Elements of a worker's panel: half of a common second-level cache.
    private static final int OWN_PANEL = 1 << 16;
    /// Elements of a panel of all workers.
    private static final int SHARED_PANEL = 1 << 20;
    /// Weight rows per block and blocks per task: enough for any number of cores likely here, fixed so that no result
    /// depends on how many there are.
    private static final int LEAST_ROWS = 8;

    private static final int BLOCKS = 64;
    private static final float[] NONE = {};
    private static final int PANEL_SLOT = Scratch.FIRST_FREE;

    private enum Step {
        DOTS,
        OWN_PANELS,
        DECODING
    }

    private final BlockInput input = new BlockInput();
    private Kernels kernels = VectorKernels.INSTANCE;
    private Step step = Step.DOTS;
    private int m;
    private int n;
    private int k;
    private float[] a = NONE;
    private int aOffset;
    private int aStride;
    private BlockFormat format = BlockFormat.F32;
    private MemorySegment weights = MemorySegment.NULL;
    private long weightsOffset;
    private float[] c = NONE;
    private int cOffset;
    private int cStride;
    private Epilogue epilogue = Epilogue.ASSIGN;

    private float[] panel = NONE;
    private int panelRow;
    private int panelRows;
    private int rowsPerBlock;

    private VectorBlockProduct() {}

    static VectorBlockProduct of(Scratch scratch) {
        return scratch.kept(VectorBlockProduct.class, VectorBlockProduct::new);
    }

    VectorBlockProduct set(
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
        this.m = m;
        this.n = n;
        this.k = k;
        this.a = a;
        this.aOffset = aOffset;
        this.aStride = aStride;
        this.format = format;
        this.weights = weights;
        this.weightsOffset = weightsOffset;
        this.c = c;
        this.cOffset = cOffset;
        this.cStride = cStride;
        this.epilogue = epilogue;
        return this;
    }

    /// Computes the product; `scratch` is the one that holds this state.
    void run(Kernels kernels, Workers workers, Scratch scratch) {
        this.kernels = kernels;
        try {
            if (m == 1) {
                step = Step.DOTS;
                input.prepare(format, a, aOffset, k);
                rowsPerBlock = Math.max(LEAST_ROWS, Math.ceilDiv(n, BLOCKS));
                workers.run(Math.ceilDiv(n, rowsPerBlock), this);
            } else if (m <= FEW_ROWS) {
                step = Step.OWN_PANELS;
                rowsPerBlock =
                        Math.clamp(OWN_PANEL / Math.max(1, k), LEAST_ROWS, 8 * LEAST_ROWS) / LEAST_ROWS * LEAST_ROWS;
                workers.run(Math.ceilDiv(n, rowsPerBlock), this);
            } else {
                bySharedPanels(workers, scratch);
            }
        } finally {
            clear();
        }
    }

    private void bySharedPanels(Workers workers, Scratch scratch) {
        int most = Math.min(n, Math.max(BLOCKS, SHARED_PANEL / Math.max(1, k)));
        panel = scratch.floats(PANEL_SLOT, most * k);
        step = Step.DECODING;
        rowsPerBlock = LEAST_ROWS;
        for (panelRow = 0; panelRow < n; panelRow += most) {
            panelRows = Math.min(most, n - panelRow);
            workers.run(Math.ceilDiv(panelRows, rowsPerBlock), this);
            kernels.matmul(
                    workers,
                    Layout.NT,
                    m,
                    panelRows,
                    k,
                    a,
                    aOffset,
                    aStride,
                    panel,
                    0,
                    k,
                    c,
                    cOffset + panelRow,
                    cStride,
                    epilogue.from(panelRow));
        }
    }

    @Override
    public void run(int block, Scratch scratch) {
        int first = block * rowsPerBlock;
        switch (step) {
            case DOTS -> dots(first, Math.min(n, first + rowsPerBlock), scratch);
            case OWN_PANELS -> ownPanel(first, Math.min(rowsPerBlock, n - first), scratch);
            case DECODING -> decode(panelRow + first, Math.min(rowsPerBlock, panelRows - first), panel, first * k);
        }
    }

    private void dots(int first, int end, Scratch scratch) {
        WeightRows rows = WeightRows.of(scratch);
        rows.multiply(format, weights, weightsOffset + first * format.bytes(k), end - first, k, input);
        for (int j = first; j < end; j++) {
            ReferenceKernels.matmulElement(input.factor() * rows.sum(j - first), 0, j, c, cOffset, cStride, epilogue);
        }
        epilogue.activate(kernels, c, cOffset + first, 0, first, end - first);
    }

    private void ownPanel(int first, int rows, Scratch scratch) {
        float[] own = scratch.floats(PANEL_SLOT, rowsPerBlock * k);
        decode(first, rows, own, 0);
        kernels.matmul(
                scratch,
                Layout.NT,
                m,
                rows,
                k,
                a,
                aOffset,
                aStride,
                own,
                0,
                k,
                c,
                cOffset + first,
                cStride,
                epilogue.from(first));
    }

    private void decode(int first, int rows, float[] to, int at) {
        VectorBlockDecoder.decode(format, weights, weightsOffset + first * format.bytes(k), to, at, rows * k);
    }

    /// Lets go of the caller's memory.
    private void clear() {
        a = NONE;
        c = NONE;
        weights = MemorySegment.NULL;
        epilogue = Epilogue.ASSIGN;
        panel = NONE;
    }
}
