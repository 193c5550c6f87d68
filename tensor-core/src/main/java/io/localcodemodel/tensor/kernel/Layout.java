package io.localcodemodel.tensor.kernel;

/// Which factors of a matrix product are stored transposed; C is always `m × n`, row-major.
public enum Layout {
    /// `C = A·B`, A stored `m × k`, B stored `k × n`: the gradient of a linear layer's input.
    NN,
    /// `C = A·Bᵀ`, A stored `m × k`, B stored `n × k`: a linear layer with its weight stored `[out, in]`.
    NT,
    /// `C = Aᵀ·B`, A stored `k × m`, B stored `k × n`: the gradient of a linear layer's weight.
    TN
}
