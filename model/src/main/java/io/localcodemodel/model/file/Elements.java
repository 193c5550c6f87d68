package io.localcodemodel.model.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Stored elements as Java numbers. Files are little-endian and promise no alignment.
final class Elements {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Elements() {}

    /// All elements of a tensor, whose bytes are `data`.
    ///
    /// @throws IllegalArgumentException if the target is too small, or the type holds no floats
    static void toFloats(TensorEntry entry, MemorySegment data, float[] target, int offset) {
        int count = entry.shape().size();
        if (offset < 0 || target.length - offset < count) {
            throw new IllegalArgumentException("tensor " + entry.name() + " of shape " + entry.shape() + " needs "
                    + count + " elements from " + offset + " on, the array has " + target.length);
        }
        toFloats(data, entry.type(), target, offset, count);
    }

    private static void toFloats(MemorySegment data, ElementType type, float[] target, int offset, int count) {
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 0, target, offset, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = Float.float16ToFloat(data.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = Float.intBitsToFloat(data.get(SHORT, 2L * i) << 16);
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = (float) data.get(DOUBLE, 8L * i);
                }
            }
            case Q8_0, Q4_0, Q4_K, Q5_K, Q6_K ->
                type.blockFormat().orElseThrow().decode(data, 0, target, offset, count);
            case F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                throw new IllegalArgumentException("elements of type " + type + " are not read as floats");
        }
    }

    static double toDouble(MemorySegment data, ElementType type, long index) {
        return switch (type) {
            case F64 -> data.get(DOUBLE, 8 * index);
            case F32 -> data.get(FLOAT, 4 * index);
            case F16 -> Float.float16ToFloat(data.get(SHORT, 2 * index));
            case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2 * index) << 16);
            case F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K ->
                throw new IllegalArgumentException("elements of type " + type + " are not floating-point numbers");
        };
    }

    /// U64 as the signed number of the same bits.
    static long toLong(MemorySegment data, ElementType type, long index) {
        return switch (type) {
            case I64, U64 -> data.get(LONG, 8 * index);
            case I32 -> data.get(INT, 4 * index);
            case U32 -> Integer.toUnsignedLong(data.get(INT, 4 * index));
            case I16 -> data.get(SHORT, 2 * index);
            case U16 -> Short.toUnsignedLong(data.get(SHORT, 2 * index));
            case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
            case U8, BOOL -> Byte.toUnsignedLong(data.get(ValueLayout.JAVA_BYTE, index));
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K ->
                throw new IllegalArgumentException("elements of type " + type + " are not whole numbers");
        };
    }
}
