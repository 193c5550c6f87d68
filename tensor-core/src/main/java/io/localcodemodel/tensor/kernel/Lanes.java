package io.localcodemodel.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The width of the vectors that every vector kernel is compiled for.
///
/// A constant of the class, because the compiler turns vector operations into instructions only where it knows the
/// species. It is the widest that the processor prefers; the system property [#PROPERTY] asks for another width, which
/// any processor computes correctly and its own fastest.
final class Lanes {
    /// Names a width in bits: 128, 256 or 512.
    static final String PROPERTY = "localcodemodel.vectorBits";

    /// Names a number of registers: 16 or 32.
    static final String REGISTERS_PROPERTY = "localcodemodel.vectorRegisters";

    /// The species of the kernels.
    static final VectorSpecies<Float> FLOATS = choose(System.getProperty(PROPERTY));

    private static final boolean X86 = System.getProperty("os.arch", "").matches("amd64|x86_64|x86|i386");

    /// How many vector registers there are: 32 on AVX-512 and ARM, otherwise 16. Asked of the processor's own width, not
    /// of [#FLOATS]: the registers are the same ones at a smaller width. The system property [#REGISTERS_PROPERTY] asks
    /// for the micro-kernels of another number, which are as correct and slower.
    static final int REGISTERS = Integer.getInteger(
            REGISTERS_PROPERTY, !X86 || FloatVector.SPECIES_PREFERRED.vectorBitSize() == 512 ? 32 : 16);

    /// Whether `VarHandle.loadLoadFence()` pins the order of loads for free. On x86 it emits no instruction and only keeps
    /// the compiler's scheduler from moving loads across it. On ARM it would be a barrier, so there the micro-kernels
    /// leave it out; 32 registers forgive a poor order.
    static final boolean PINNED = X86;

    /// The class of all vectors of the species.
    static final Class<?> FLOAT_VECTOR = FLOATS.vectorType();

    private Lanes() {}

    /// The same vector, known to be of the species' own class, see [VectorBlockRows]: for vectors that go around a loop, in
    /// loops that are small enough to have this inlined.
    static FloatVector exact(FloatVector vector) {
        return (FloatVector) FLOAT_VECTOR.cast(vector);
    }

    private static VectorSpecies<Float> choose(@Nullable String bits) {
        return switch (bits) {
            case null -> FloatVector.SPECIES_PREFERRED;
            case "128" -> FloatVector.SPECIES_128;
            case "256" -> FloatVector.SPECIES_256;
            case "512" -> FloatVector.SPECIES_512;
            default ->
                throw new IllegalArgumentException(
                        "system property " + PROPERTY + ": expected 128, 256 or 512, found " + bits);
        };
    }
}
