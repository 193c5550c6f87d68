package io.localcodemodel.model.file;

import java.util.Optional;

/// How one element of a stored tensor is written; the names are those of the safetensors format.
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
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /// The bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// Whether a tensor of this type can be read as 32-bit floats without surprise: F64 is rounded, F16 and BF16 are
    /// exact.
    public boolean readsAsFloats() {
        return switch (this) {
            case F64, F32, F16, BF16 -> true;
            case F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> false;
        };
    }

    static Optional<ElementType> named(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
