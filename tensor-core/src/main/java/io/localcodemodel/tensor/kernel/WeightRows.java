package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Neighbouring rows of weights, a row of input and the lanes of their products, as the loops of [VectorBlockRows] take
/// them: in chunks of [BlockInput#CHUNK] elements. One per worker, kept in its [Scratch].
///
/// What is left of each row beyond its whole chunks is decoded to floats first, so that the loops over chunks need no case
/// for it.
final class WeightRows {
    private static final Class<?> OUTSIDE_HEAP = MemorySegment.NULL.getClass();

    /// Where the weights are, and how many bytes lie between the beginnings of two rows.
    private MemorySegment weights = MemorySegment.NULL;

    long at;
    long rowBytes;
    int rows;
    /// The prepared input, and which bytes of it take part; [#step] of them belong to a chunk.
    private MemorySegment input = MemorySegment.NULL;

    long end;
    long step;
    /// A vector of sums for each row, to which the products are added.
    float[] sums = {};

    private final float[] rests = new float[BlockInput.CHUNK];

    private WeightRows() {}

    static WeightRows of(Scratch scratch) {
        return scratch.kept(WeightRows.class, WeightRows::new);
    }

    MemorySegment weights() {
        return (MemorySegment) OUTSIDE_HEAP.cast(weights);
    }

    MemorySegment input() {
        return (MemorySegment) OUTSIDE_HEAP.cast(input);
    }

    /// Computes the sums of `rows` rows of `k` elements.
    void multiply(BlockFormat format, MemorySegment weights, long at, int rows, int k, BlockInput prepared) {
        if (sums.length < rows * LANES) {
            sums = new float[rows * LANES];
        }
        Arrays.fill(sums, 0, rows * LANES, 0);
        this.rows = rows;
        input = prepared.memory();
        step = prepared.chunkBytes();
        int whole = k / BlockInput.CHUNK;
        if (whole > 0) {
            this.weights = weights;
            this.at = at;
            rowBytes = format.bytes(k);
            end = whole * step;
            VectorBlockRows.add(format, this);
        }
        int rest = k % BlockInput.CHUNK;
        if (rest > 0) {
            addRests(format, weights, at + format.bytes(k - rest), format.bytes(k), rest, prepared.rest());
        }
        this.weights = MemorySegment.NULL;
        input = MemorySegment.NULL;
    }

    private void addRests(BlockFormat format, MemorySegment from, long fromAt, long stride, int count, float[] x) {
        Arrays.fill(rests, 0);
        for (int row = 0; row < rows; row++) {
            VectorBlockDecoder.decode(format, from, fromAt + row * stride, rests, 0, count);
            FloatVector sum = FloatVector.fromArray(VectorBlockRows.FLOATS, sums, row * LANES);
            for (int i = 0; i < count; i += LANES) {
                sum = FloatVector.fromArray(VectorBlockRows.FLOATS, rests, i)
                        .fma(FloatVector.fromArray(VectorBlockRows.FLOATS, x, i), sum);
            }
            sum.intoArray(sums, row * LANES);
        }
    }

    /// The sum of the lanes of a row.
    float sum(int row) {
        return LaneSum.of(FloatVector.fromArray(VectorBlockRows.FLOATS, sums, row * LANES));
    }
}
