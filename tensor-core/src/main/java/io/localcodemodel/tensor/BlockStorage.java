package io.localcodemodel.tensor;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Frozen weights in a block format, read where they lie: usually a part of a file mapped into memory.
///
/// @param segment the memory, outside the heap; it has to stay alive as long as the weights are used
/// @param offset the first byte
/// @param format how the bytes are to be read
/// @param length the number of elements, a whole number of blocks
public record BlockStorage(MemorySegment segment, long offset, BlockFormat format, int length) implements Storage {
    /// @throws IllegalArgumentException if the segment lies in the heap, or the elements are no whole number of blocks
    /// @throws IndexOutOfBoundsException if the segment is too short for the elements
    public BlockStorage {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "block storage reads native or mapped memory; copy the heap segment into an arena's memory");
        }
        Objects.checkFromIndexSize(offset, format.bytes(length), segment.byteSize());
    }

    /// Decodes some of the elements, whole blocks.
    ///
    /// @param from the first element
    public void decode(int from, float[] out, int outOffset, int elements) {
        format.decode(segment, offset + format.bytes(from), out, outOffset, elements);
    }
}
