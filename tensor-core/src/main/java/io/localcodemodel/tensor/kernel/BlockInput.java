package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.LITTLE;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A row of input in the order in which the rows of a format read it, in chunks of [#CHUNK] elements. [InputOrder] has the order, and what each format needs beside the elements.
///
/// It lies outside the heap on a boundary of 64 bytes, since the elements of an array begin 16 bytes behind one, where
/// every vector of 64 bytes touches two cache lines; that costs the product of a row in the cache up to a third.
final class BlockInput {
    /// Elements that a loop over a row takes at a time.
    static final int CHUNK = 256;

    static final int ALIGNMENT = 64;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(LITTLE);

    private final float[] rest = new float[CHUNK];
    private float[] chunk = {};
    private MemorySegment memory = MemorySegment.NULL;
    private long chunkBytes;
    private float factor;

    /// What was prepared.
    MemorySegment memory() {
        return memory;
    }

    /// Bytes from one chunk to the next.
    long chunkBytes() {
        return chunkBytes;
    }

    /// What the products of the prepared input have to be multiplied with.
    float factor() {
        return factor;
    }

    /// The elements beyond the whole chunks as they are, but for the [#factor()], and zeros.
    float[] rest() {
        return rest;
    }

    /// Prepares a row of `k` elements, in the place of the one before.
    void prepare(BlockFormat format, float[] x, int offset, int k) {
        InputOrder order = InputOrder.of(format);
        int floats = CHUNK + order.extra();
        int chunks = k / CHUNK;
        factor = order.factor();
        chunkBytes = (long) floats * Float.BYTES;
        if (memory.byteSize() < chunks * chunkBytes) {
            memory = Arena.ofAuto().allocate(chunks * chunkBytes, ALIGNMENT);
        }
        if (chunk.length < floats) {
            chunk = new float[floats];
        }
        for (int c = 0; c < chunks; c++) {
            order.put(x, offset + c * CHUNK, chunk);
            MemorySegment.copy(chunk, 0, memory, FLOAT, c * chunkBytes, floats);
        }
        Arrays.fill(rest, 0);
        for (int i = chunks * CHUNK; i < k; i++) {
            rest[i - chunks * CHUNK] = x[offset + i] / factor;
        }
    }
}
