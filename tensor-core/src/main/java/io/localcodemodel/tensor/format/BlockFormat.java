package io.localcodemodel.tensor.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/// How weights lie in memory: a sequence of blocks of equal size, each of a fixed number of elements.
///
/// The bytes are those of GGUF files (ggml's `block_q8_0` and so on), little-endian on every machine. `d`, `m` stand for
/// 16-bit floats, `q` for small integers:
///
/// | format | elements | bytes | an element |
/// |---|---|---|---|
/// | F32, F16, BF16 | 1 | 4, 2, 2 | a float of that size |
/// | Q8_0 | 32 | 34 | `d·q`, -127 ≤ q ≤ 127 |
/// | Q4_0 | 32 | 18 | `d·(q - 8)`, q of 4 bits |
/// | Q4_K | 256 | 144 | `d·s·q - m·t`, q of 4 bits; s, t of 6 bits per 32 elements |
/// | Q5_K | 256 | 176 | as Q4_K with q of 5 bits |
/// | Q6_K | 256 | 210 | `d·s·(q - 32)`, q of 6 bits; s of 8 bits per 16 elements |
///
/// A row of a matrix starts with a block of its own.
public enum BlockFormat {
    /// 32-bit floats.
    F32(1, Float.BYTES, new FloatCodecs.F32()),
    /// 16-bit floats of IEEE 754.
    F16(1, Short.BYTES, new FloatCodecs.F16()),
    /// The upper 16 bits of 32-bit floats.
    BF16(1, Short.BYTES, new FloatCodecs.BF16()),
    /// 8 bits and a scale per 32 elements.
    Q8_0(32, 34, new ScaledCodecs.Q8()),
    /// 4 bits and a scale per 32 elements.
    Q4_0(32, 18, new ScaledCodecs.Q4()),
    /// 4 bits, scales and minima per 32 elements, which are themselves scaled per 256.
    Q4_K(256, 144, new SuperBlockCodec(4)),
    /// As [#Q4_K] with 5 bits.
    Q5_K(256, 176, new SuperBlockCodec(5)),
    /// 6 bits, scales per 16 elements, which are themselves scaled per 256.
    Q6_K(256, 210, new SixBitCodec());

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int blockElements;
    private final int blockBytes;

    @SuppressWarnings("ImmutableEnumChecker") // codecs have no state
    private final BlockCodec codec;

    BlockFormat(int blockElements, int blockBytes, BlockCodec codec) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.codec = codec;
    }

    /// The elements of one block.
    public int blockElements() {
        return blockElements;
    }

    /// The bytes of one block.
    public int blockBytes() {
        return blockBytes;
    }

    /// The bytes of `elements` elements.
    ///
    /// @throws IllegalArgumentException if they are no whole number of blocks
    public long bytes(long elements) {
        if (elements < 0 || elements % blockElements != 0) {
            throw new IllegalArgumentException(this + " stores blocks of " + blockElements + " elements; " + elements
                    + " are no multiple of that");
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /// Reads `elements` elements from the bytes at `at`.
    ///
    /// @throws IllegalArgumentException if they are no whole number of blocks
    /// @throws IndexOutOfBoundsException if the segment or the array is too short; nothing is written then
    public void decode(MemorySegment segment, long at, float[] out, int outOffset, int elements) {
        Objects.checkFromIndexSize(at, bytes(elements), segment.byteSize());
        Objects.checkFromIndexSize(outOffset, elements, out.length);
        for (int i = 0; i < elements; i += blockElements) {
            codec.decode(segment, at, out, outOffset + i);
            at += blockBytes;
        }
    }

    /// Writes `elements` elements as the nearest that this format has, by its plainest rule: no search for scales that
    /// lose less.
    ///
    /// @throws IllegalArgumentException if they are no whole number of blocks
    /// @throws IndexOutOfBoundsException if the segment or the array is too short; nothing is written then
    public void encode(float[] values, int offset, MemorySegment segment, long at, int elements) {
        Objects.checkFromIndexSize(at, bytes(elements), segment.byteSize());
        Objects.checkFromIndexSize(offset, elements, values.length);
        for (int i = 0; i < elements; i += blockElements) {
            codec.encode(values, offset + i, segment, at);
            at += blockBytes;
        }
    }
}
