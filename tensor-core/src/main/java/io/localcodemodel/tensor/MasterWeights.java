package io.localcodemodel.tensor;

/// Weights of 32 bits whose upper halves are bfloat16 weights, in the same memory.
///
/// Mixed-precision training computes with rounded weights and lets the optimiser add its small steps to exact ones. Two
/// copies would cost half as much memory again. Instead a parameter is *split* in its own array
/// ([io.localcodemodel.tensor.kernel.BfloatKernels]): the first half of it then holds the bfloat16 weights, in pairs, which
/// is all that products and embeddings read ([Var#pairs()]); the second half holds what is missing to the exact weights. AdamW
/// joins and splits them in the registers of its step ([io.localcodemodel.tensor.kernel.BfloatKernels#adamW]). Nothing is
/// lost, and splitting and joining a whole parameter needs no further memory.
///
/// While it is split, a parameter has no [Var#value()].
public final class MasterWeights {
    private MasterWeights() {}

    /// Whether a variable can be split: it is a leaf of an even number of floats.
    public static boolean splits(Var variable) {
        return variable.leaf()
                && variable.shape().size() % 2 == 0
                && (variable.isSplit() || variable.value().storage() instanceof FloatStorage);
    }

    /// Splits a parameter; one that is split already stays so.
    ///
    /// @throws IllegalArgumentException if it cannot be split, see [#splits]
    public static void split(Compute compute, Var variable) {
        if (!splits(variable)) {
            throw new IllegalArgumentException("to be split, a variable has to be a leaf of an even number of floats"
                    + " in a heap array, found " + variable);
        }
        if (!variable.isSplit()) {
            Tensor value = variable.value();
            PairedSpans.split(compute.kernels().bfloat(), compute.workers(), value, false);
            variable.hideSplit();
        }
    }

    /// Joins a parameter: it has its value again, bit for bit. One that is not split stays as it is.
    public static void join(Compute compute, Var variable) {
        if (variable.isSplit()) {
            PairedSpans.split(compute.kernels().bfloat(), compute.workers(), variable.words(), true);
            variable.showJoined();
        }
    }
}
