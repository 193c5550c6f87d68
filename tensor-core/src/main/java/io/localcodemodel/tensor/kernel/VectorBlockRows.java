package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;

/// The product of one row of weights, read in place, and one row of input that was prepared for the format.
final class VectorBlockRows {
    private VectorBlockRows() {}

    /// The floats that a prepared row of `k` elements takes.
    static int inputLength(BlockFormat format, int k) {
        return switch (format) {
            case F32, F16, BF16 -> k;
            case Q8_0, Q4_0, Q4_K, Q5_K, Q6_K -> QuantizedInput.length(k);
        };
    }

    /// Brings a row of input into the order or the precision in which [#dot] reads it.
    static void prepare(BlockFormat format, float[] x, int xOffset, int k, float[] input, int at) {
        switch (format) {
            case F32 -> System.arraycopy(x, xOffset, input, at, k);
            case F16 -> VectorHalfRows.separate(VectorHalfRows.HALF_SCALE, x, xOffset, k, input, at);
            case BF16 -> VectorHalfRows.separate(1, x, xOffset, k, input, at);
            case Q8_0, Q4_0, Q4_K, Q5_K, Q6_K -> QuantizedInput.quantize(x, xOffset, k, input, at);
        }
    }

    static float dot(BlockFormat format, MemorySegment weights, long at, int k, float[] input, int inputAt) {
        return switch (format) {
            case F32 -> VectorHalfRows.dotF32(weights, at, k, input, inputAt);
            case F16 -> VectorHalfRows.dotF16(weights, at, k, input, inputAt);
            case BF16 -> VectorHalfRows.dotBF16(weights, at, k, input, inputAt);
            case Q8_0 -> VectorScaledRows.dotQ8(weights, at, k, input, inputAt);
            case Q4_0 -> VectorScaledRows.dotQ4(weights, at, k, input, inputAt);
            case Q4_K -> VectorSuperBlockRows.dotQ4(weights, at, k, input, inputAt);
            case Q5_K -> VectorSuperBlockRows.dotQ5(weights, at, k, input, inputAt);
            case Q6_K -> VectorSixBitRows.dot(weights, at, k, input, inputAt);
        };
    }
}
