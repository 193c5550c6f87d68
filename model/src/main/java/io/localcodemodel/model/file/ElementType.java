package io.localcodemodel.model.file;

import io.localcodemodel.tensor.format.BlockFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How the elements of a stored tensor are written; the names are those of the formats safetensors and GGUF.
public enum ElementType {
    /// IEEE 754 double precision.
    F64(8),
    /// IEEE 754 single precision.
    F32(4),
    /// IEEE 754 half precision.
    F16(2),
    /// The upper half of a single precision number.
    BF16(2),
    /// Eight bits: sign, 4 of exponent, 3 of fraction.
    F8_E4M3(1),
    /// Eight bits: sign, 5 of exponent, 2 of fraction.
    F8_E5M2(1),
    /// Signed, 64 bits.
    I64(8),
    /// Signed, 32 bits.
    I32(4),
    /// Signed, 16 bits.
    I16(2),
    /// Signed, 8 bits.
    I8(1),
    /// Unsigned, 64 bits.
    U64(8),
    /// Unsigned, 32 bits.
    U32(4),
    /// Unsigned, 16 bits.
    U16(2),
    /// Unsigned, 8 bits.
    U8(1),
    /// A byte that is 0 or 1.
    BOOL(1),
    /// Blocks of [BlockFormat#Q8_0].
    Q8_0(BlockFormat.Q8_0),
    /// Blocks of [BlockFormat#Q4_0].
    Q4_0(BlockFormat.Q4_0),
    /// Blocks of [BlockFormat#Q4_K].
    Q4_K(BlockFormat.Q4_K),
    /// Blocks of [BlockFormat#Q5_K].
    Q5_K(BlockFormat.Q5_K),
    /// Blocks of [BlockFormat#Q6_K].
    Q6_K(BlockFormat.Q6_K);

    private final int blockElements;
    private final int blockBytes;

    ElementType(int bytes) {
        blockElements = 1;
        blockBytes = bytes;
    }

    ElementType(BlockFormat format) {
        blockElements = format.blockElements();
        blockBytes = format.blockBytes();
    }

    /// The elements that are stored together; 1 except in formats of blocks.
    public int blockElements() {
        return blockElements;
    }

    /// The bytes of one element, or of one block of them.
    public int bytes() {
        return blockBytes;
    }

    /// The format in which products read these elements where they lie, if there is one.
    public Optional<BlockFormat> blockFormat() {
        return switch (this) {
            case F32 -> Optional.of(BlockFormat.F32);
            case F16 -> Optional.of(BlockFormat.F16);
            case BF16 -> Optional.of(BlockFormat.BF16);
            case Q8_0 -> Optional.of(BlockFormat.Q8_0);
            case Q4_0 -> Optional.of(BlockFormat.Q4_0);
            case Q4_K -> Optional.of(BlockFormat.Q4_K);
            case Q5_K -> Optional.of(BlockFormat.Q5_K);
            case Q6_K -> Optional.of(BlockFormat.Q6_K);
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> Optional.empty();
        };
    }

    /// Whether a tensor of this type can be read as 32-bit floats without surprise: F64 is rounded, F16 and BF16 are
    /// exact, blocks are decoded.
    public boolean readsAsFloats() {
        return switch (this) {
            case F64, F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K -> true;
            case F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> false;
        };
    }

    /// The types that a safetensors file may name.
    static List<ElementType> ofSafetensors() {
        return Arrays.stream(values()).filter(type -> type.blockElements == 1).toList();
    }

    /// The type that a safetensors file means.
    static Optional<ElementType> named(String name) {
        for (ElementType type : ofSafetensors()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
