package io.localcodemodel.tensor.kernel;

import static io.localcodemodel.tensor.kernel.VectorBlockRows.LANES;

import io.localcodemodel.tensor.format.BlockFormat;

/// Which element of a chunk of input meets which weights.
///
/// Weights are not brought into their order; they are loaded as vectors of 32-bit lanes and taken apart where they lie,
/// and the input follows. In the formats of 4 to 6 bits a vector of bytes holds eight vectors of weights: the lower and
/// the upper halves of byte 0 of each lane, of byte 1, and so on. Byte `b` of a lane is masked where it stands and
/// converted, so it counts `2⁸ᵇ` times, and its input is divided by as much, which is exact.
///
/// Where scales are 16-bit floats that are moved to the place of a 32-bit float's bits, they are 2⁻¹¹² too small; half of
/// that is made up for here, the other half by [#factor].
final class InputOrder {
    private enum Kind {
        /// As it is.
        PLAIN,
        /// Vectors of the even and of the odd elements in turn.
        PAIRS,
        /// Q4_0; behind the elements, for each vector of bytes, lanes of `-8·Σx`, for the constant in `d·(q - 8)`.
        BLOCKS,
        /// Q4_K and Q5_K; behind the elements eight zeros, then `-Σx` of the eight groups: the places that scales and
        /// minima have in their table.
        GROUPS,
        /// Q6_K; behind the elements `-32·Σx` of the 16 groups, for the constant in `d·s·(q - 32)`.
        SMALL_GROUPS
    }

    private static final int CHUNK = BlockInput.CHUNK;
    /// The vectors of weights in a vector of bytes.
    private static final int VECTORS = 8;

    private static final InputOrder PLAIN = new InputOrder(Kind.PLAIN, 1, 0);
    private static final InputOrder PAIRS = new InputOrder(Kind.PAIRS, 1, 0);
    private static final InputOrder SCALED_PAIRS = new InputOrder(Kind.PAIRS, VectorFloatRows.HALF_SCALE, 0);
    private static final InputOrder BLOCKS = new InputOrder(Kind.BLOCKS, VectorFloatRows.HALF_SCALE, 32);
    private static final InputOrder GROUPS = new InputOrder(Kind.GROUPS, VectorFloatRows.HALF_SCALE, 16);
    private static final InputOrder SMALL_GROUPS = new InputOrder(Kind.SMALL_GROUPS, 1, 16);

    private final Kind kind;
    private final float factor;
    private final int extra;
    private final int[] elements = new int[CHUNK];
    private final float[] factors = new float[CHUNK];

    private InputOrder(Kind kind, float factor, int extra) {
        this.kind = kind;
        this.factor = factor;
        this.extra = extra;
        for (int i = 0; i < CHUNK; i++) {
            elements[i] = element(i);
            factors[i] = extra == 0 ? factor : Math.scalb(factor, -8 * (i / LANES % VECTORS / 2));
        }
    }

    static InputOrder of(BlockFormat format) {
        return switch (format) {
            case F32, Q8_0 -> PLAIN;
            case BF16 -> PAIRS;
            case F16 -> SCALED_PAIRS;
            case Q4_0 -> BLOCKS;
            case Q4_K, Q5_K -> GROUPS;
            case Q6_K -> SMALL_GROUPS;
        };
    }

    /// What the products have to be multiplied with.
    float factor() {
        return factor;
    }

    /// How many floats follow the elements of a chunk.
    int extra() {
        return extra;
    }

    /// The element that comes at place `i`.
    private int element(int i) {
        int vector = i / LANES % VECTORS;
        int half = vector % 2;
        int at = i / (VECTORS * LANES) * (4 * LANES) + i % LANES * 4 + vector / 2;
        return switch (kind) {
            case PLAIN -> i;
            case PAIRS -> i / (2 * LANES) * (2 * LANES) + i % LANES * 2 + i / LANES % 2;
            case BLOCKS -> at / 16 * 32 + half * 16 + at % 16;
            case GROUPS -> at / 32 * 64 + half * 32 + at % 32;
            case SMALL_GROUPS -> at / 64 * 128 + half * 64 + at % 64;
        };
    }

    /// Writes the chunk of `x` that begins at `offset`, and what follows it.
    void put(float[] x, int offset, float[] out) {
        if (kind == Kind.PLAIN) {
            System.arraycopy(x, offset, out, 0, CHUNK);
            return;
        }
        for (int i = 0; i < CHUNK; i++) {
            out[i] = factors[i] * x[offset + elements[i]];
        }
        switch (kind) {
            case PLAIN, PAIRS -> {}
            case BLOCKS -> putLanes(x, offset, out);
            case GROUPS -> {
                for (int group = 0; group < 8; group++) {
                    out[CHUNK + group] = 0;
                    out[CHUNK + 8 + SuperBlockScales.place(group)] = -factor * sum(x, offset + 32 * group, 32);
                }
            }
            case SMALL_GROUPS -> {
                for (int group = 0; group < 16; group++) {
                    out[CHUNK + group] = -32 * sum(x, offset + 16 * group, 16);
                }
            }
        }
    }

    private void putLanes(float[] x, int offset, float[] out) {
        for (int i = 0; i < extra; i++) {
            float sum = 0;
            for (int vector = 0; vector < VECTORS; vector++) {
                sum += x[offset + elements[(i / LANES * VECTORS + vector) * LANES + i % LANES]];
            }
            out[CHUNK + i] = -8 * factor * sum;
        }
    }

    private static float sum(float[] x, int from, int count) {
        float sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += x[i];
        }
        return sum;
    }
}
