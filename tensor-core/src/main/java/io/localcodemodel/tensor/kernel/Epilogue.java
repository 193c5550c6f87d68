package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// What happens to an element of a matrix product before it is written: `C[i,j] = (A·B)[i,j] + bias[j] +
/// residual[i,j]`, or, when accumulating, `C[i,j] += (A·B)[i,j]`; and, where an activation is asked for, `f(C[i,j])` is
/// written beside C or in its place.
///
/// @param accumulate whether to add to what C holds; excludes every other part
/// @param bias added to each row, `n` elements from `biasOffset`, or null
/// @param biasOffset the first element of the bias
/// @param residual added elementwise, row-major with `residualStride` elements from row to row, or null; may be C
/// @param residualOffset the first element of the residual
/// @param residualStride elements from one row of the residual to the next
/// @param activated where the activated elements go, or null
public record Epilogue(
        boolean accumulate,
        float @Nullable [] bias,
        int biasOffset,
        float @Nullable [] residual,
        int residualOffset,
        int residualStride,
        @Nullable Activated activated) {
    /// `C = A·B`.
    public static final Epilogue ASSIGN = new Epilogue(false, null, 0, null, 0, 0, null);

    /// `C += A·B`.
    public static final Epilogue ACCUMULATE = new Epilogue(true, null, 0, null, 0, 0, null);

    /// A matrix of the shape of C that takes `f(C[i,j])` while the element is still in the cache of who computed it.
    ///
    /// @param function what is applied to the finished elements of C
    /// @param values the matrix; may be C itself, which then holds the activated elements alone
    /// @param offset its first element
    /// @param stride elements from one of its rows to the next
    public record Activated(Activation function, float[] values, int offset, int stride) {}

    public Epilogue {
        if (accumulate && (bias != null || residual != null || activated != null)) {
            throw new IllegalArgumentException("an accumulating product takes no bias, residual or activation");
        }
    }

    /// `C = A·B + bias`.
    public static Epilogue bias(float[] bias, int offset) {
        return new Epilogue(false, bias, offset, null, 0, 0, null);
    }

    /// [#ACCUMULATE] or [#ASSIGN].
    public static Epilogue accumulate(boolean accumulate) {
        return accumulate ? ACCUMULATE : ASSIGN;
    }

    /// The same for the columns of C from `first` on.
    public Epilogue from(int first) {
        if (first == 0 || (bias == null && residual == null && activated == null)) {
            return this;
        }
        Activated rest = activated == null
                ? null
                : new Activated(activated.function, activated.values, activated.offset + first, activated.stride);
        return new Epilogue(
                accumulate, bias, biasOffset + first, residual, residualOffset + first, residualStride, rest);
    }

    /// Activates a finished part of a row of C, where that is asked for: for kernels.
    ///
    /// @param kernels who computes it
    /// @param c where C is, the part at `at`
    /// @param row the row of C
    /// @param column the first column of the part
    public void activate(Kernels kernels, float[] c, int at, int row, int column, int columns) {
        if (activated != null) {
            int to = activated.offset + row * activated.stride + column;
            kernels.activate(activated.function, c, at, activated.values, to, columns);
        }
    }
}
