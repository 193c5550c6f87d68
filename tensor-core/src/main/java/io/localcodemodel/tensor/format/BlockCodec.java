package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;

/// One block of numbers to and from its bytes: the definition of a format, never tuned.
interface BlockCodec {
    /// Reads the block at `at` into `out`.
    void decode(MemorySegment segment, long at, float[] out, int outOffset);

    /// Writes a block of `values` at `at`.
    void encode(float[] values, int offset, MemorySegment segment, long at);
}
