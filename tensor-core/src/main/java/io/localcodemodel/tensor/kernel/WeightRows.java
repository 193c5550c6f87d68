package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Neighbouring rows of weights, a row of input and the lanes of their products, as the loops of [VectorBlockRows] take
/// them: in chunks of [BlockInput#CHUNK] elements. One per worker, kept in its [Scratch].
///
/// What is left of each row beyond its whole chunks is copied into chunks that end with zeros, which the same loop takes.
final class WeightRows {
    /// Where the weights are, and how many bytes lie between the beginnings of two rows.
    MemorySegment weights = MemorySegment.NULL;

    long at;
    long rowBytes;
    int rows;
    /// The prepared input, and which bytes of it take part; [#step] of them belong to a chunk.
    MemorySegment input = MemorySegment.NULL;

    long first;
    long end;
    long step;
    /// A vector of sums for each row, to which the products are added.
    float[] sums = {};

    private MemorySegment rests = MemorySegment.NULL;

    private WeightRows() {}

    static WeightRows of(Scratch scratch) {
        return scratch.kept(WeightRows.class, WeightRows::new);
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
            first = 0;
            end = whole * step;
            VectorBlockRows.add(format, this);
        }
        int rest = k % BlockInput.CHUNK;
        if (rest > 0) {
            copyRests(format, weights, at + format.bytes(k - rest), format.bytes(k), format.bytes(rest));
            first = whole * step;
            end = first + step;
            VectorBlockRows.add(format, this);
        }
        this.weights = MemorySegment.NULL;
        input = MemorySegment.NULL;
    }

    private void copyRests(BlockFormat format, MemorySegment from, long fromAt, long fromStride, long bytes) {
        rowBytes = format.bytes(BlockInput.CHUNK);
        if (rests.byteSize() < rows * rowBytes) {
            rests = Arena.ofAuto().allocate(rows * rowBytes, BlockInput.ALIGNMENT);
        }
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(from, fromAt + row * fromStride, rests, row * rowBytes, bytes);
            rests.asSlice(row * rowBytes + bytes, rowBytes - bytes).fill((byte) 0);
        }
        weights = rests;
        at = 0;
    }

    /// The sum of the lanes of a row.
    float sum(int row) {
        return LaneSum.of(FloatVector.fromArray(VectorBlockRows.FLOATS, sums, row * LANES));
    }
}
