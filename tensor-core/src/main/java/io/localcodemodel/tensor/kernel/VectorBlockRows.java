package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Products of rows of weights, read in place, and a row of input that [BlockInput] prepared for the format; and what the
/// rows of all formats have in common.
///
/// Weights become 32-bit floats in registers and are multiplied with floats: bytes are widened to 32-bit lanes, taken
/// apart by masks and shifts and converted. That takes no more instructions than products of 16-bit integers, whose sums
/// have to be taken apart again, and the input keeps its precision (see `docs/formats.md`).
///
/// Three things make the loops what they are:
///
/// - **They call no method of ours** but small ones that one loop uses. The compiler does not inline a method that it has
///   compiled to more than 2,500 bytes on its own, as it does with a small method that the loops of several formats share;
///   and behind a few dozen vector operations it inlines nothing but those. A vector that is passed to a call is an object
///   on the heap, and one that lives across a call goes through memory: the loop is 5 to 50 times slower. So each loop is
///   written out, and sums leave it by way of an array.
/// - **They name the class** of a segment, and of a vector from memory or around a loop whose methods they call, with a cast
///   that costs nothing. What the compiler does not know it takes from a profile, and it stops to believe profiles that
///   have proved wrong too often, wherever that was: then the vector is an object.
/// - **They are no counted loops**: what they step by is a field, not a constant. The compiler splits a counted loop into
///   copies, so that the same row is read by different instructions at its beginning, in its middle and at its end, and
///   the processor, which learns which instruction reads what, stops to read ahead at the end of each row.
final class VectorBlockRows {
    static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int LANES = FLOATS.length();
    static final Class<?> FLOAT_VECTOR = Lanes.FLOAT_VECTOR;
    static final Class<?> INT_VECTOR = INTS.vectorType();
    /// As many bytes as there are lanes; but 8, the fewest that a vector has, where there are 4.
    static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(Long.SIZE, FLOATS.vectorBitSize() / 4)));

    static final int VECTOR_BYTES = LANES * Float.BYTES;

    static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);

    /// The bytes `i` to `i + LANES - 1`, with `i` a multiple of the lanes, are loaded from `i & LOADS`, where they are
    /// part `i >> 2 & PARTS`: with 4 lanes every second load is the upper half of 8 bytes.
    static final int LOADS = BYTES.length() > LANES ? -8 : -1;

    static final int PARTS = BYTES.length() > LANES ? 1 : 0;

    private VectorBlockRows() {}

    /// Adds the products of rows of weights and the input to the lanes of their sums.
    static void add(BlockFormat format, WeightRows task) {
        switch (format) {
            case F32 -> VectorFloatRows.addF32(task);
            case F16 -> VectorFloatRows.addF16(task);
            case BF16 -> VectorFloatRows.addBF16(task);
            case Q8_0 -> VectorScaledRows.addQ8(task);
            case Q4_0 -> VectorScaledRows.addQ4(task);
            case Q4_K -> VectorSuperBlockRows.addQ4(task);
            case Q5_K -> VectorSuperBlockRows.addQ5(task);
            case Q6_K -> VectorSixBitRows.add(task);
        }
    }
}
