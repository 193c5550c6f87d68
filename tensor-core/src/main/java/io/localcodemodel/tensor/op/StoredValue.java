package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.BfloatKernels;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;

/// The numbers of a variable however they are stored, for an operation that reads them span by span: floats where they
/// lie, pairs of bfloat16 widened to memory of the worker. So a value that waits for the way back in half its size never
/// takes the whole of it again.
///
/// @param array holds the floats, or the words of the pairs
/// @param offset where they begin
/// @param pairWords how many words the pairs take; 0 where the value is stored as floats
record StoredValue(BfloatKernels kernels, float[] array, int offset, int pairWords) {
    /// The slot of the scratch memory that [#span] widens to.
    static final int SLOT = Scratch.SLOTS - 1;

    static StoredValue of(Kernels kernels, Var variable) {
        Tensor pairs = variable.pairs();
        Tensor stored = pairs == null ? variable.value() : pairs;
        return new StoredValue(kernels.bfloat(), stored.array(), stored.offset(), pairs == null ? 0 : pairs.size());
    }

    /// An array that holds `length` numbers, from the number `from` of the value on; they begin at [#at]. Valid until the
    /// next call with the same scratch memory.
    float[] span(int from, int length, Scratch scratch) {
        if (pairWords == 0) {
            return array;
        }
        float[] wide = scratch.floats(SLOT, length);
        kernels.widen(array, offset, pairWords, from, wide, 0, length);
        return wide;
    }

    /// Where a span that begins at the number `from` lies in its array.
    int at(int from) {
        return pairWords == 0 ? offset + from : 0;
    }
}
