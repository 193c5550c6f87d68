package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// What happens to an element of a matrix product before it is written: `C[i,j] = f((A·B)[i,j] + bias[j] +
/// residual[i,j])`, or, when accumulating, `C[i,j] += (A·B)[i,j]`.
///
/// @param accumulate whether to add to what C holds; excludes every other part
/// @param bias added to each row, `n` elements from `biasOffset`, or null
/// @param biasOffset the first element of the bias
/// @param residual added elementwise, row-major with `residualStride` elements from row to row, or null; may be C
/// @param residualOffset the first element of the residual
/// @param residualStride elements from one row of the residual to the next
public record Epilogue(
        boolean accumulate,
        float @Nullable [] bias,
        int biasOffset,
        float @Nullable [] residual,
        int residualOffset,
        int residualStride) {
    /// `C = A·B`.
    public static final Epilogue ASSIGN = new Epilogue(false, null, 0, null, 0, 0);

    /// `C += A·B`.
    public static final Epilogue ACCUMULATE = new Epilogue(true, null, 0, null, 0, 0);

    public Epilogue {
        if (accumulate && (bias != null || residual != null)) {
            throw new IllegalArgumentException("an accumulating product takes no bias and no residual");
        }
    }

    /// `C = A·B + bias`.
    public static Epilogue bias(float[] bias, int offset) {
        return new Epilogue(false, bias, offset, null, 0, 0);
    }

    /// [#ACCUMULATE] or [#ASSIGN].
    public static Epilogue accumulate(boolean accumulate) {
        return accumulate ? ACCUMULATE : ASSIGN;
    }

    /// The same for the columns of C from `first` on.
    public Epilogue from(int first) {
        return first == 0 || (bias == null && residual == null)
                ? this
                : new Epilogue(accumulate, bias, biasOffset + first, residual, residualOffset + first, residualStride);
    }
}
