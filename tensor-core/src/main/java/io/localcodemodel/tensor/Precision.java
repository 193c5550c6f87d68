package io.localcodemodel.tensor;

/// In how many bits a training step keeps its numbers. Sums are always taken in 32 bits, and gradients are always floats.
public enum Precision {
    /// 32-bit floats throughout.
    F32,
    /// Values that wait for the way back are kept as bfloat16, half the size ([Pass#precision]), and the weights that
    /// products read are bfloat16, rounded from weights of 32 bits that the optimiser changes ([MasterWeights]).
    BF16
}
