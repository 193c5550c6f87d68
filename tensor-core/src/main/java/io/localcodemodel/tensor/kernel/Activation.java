package io.localcodemodel.tensor.kernel;

/// The pointwise non-linearities. The formulas are those of [ReferenceKernels].
public enum Activation {
    /// `x`.
    IDENTITY,
    /// `max(x, 0)`.
    RELU,
    /// `max(x, 0)²` (So et al. 2021, Primer).
    RELU_SQUARED,
    /// `x · Φ(x)` with the normal distribution function Φ (Hendrycks and Gimpel 2016).
    GELU_ERF,
    /// `x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))`, the approximation of the same paper.
    GELU_TANH,
    /// `x · σ(x)`, also called swish.
    SILU,
    /// `σ(x) = 1 / (1 + e⁻ˣ)`.
    SIGMOID,
    /// `tanh x`.
    TANH
}
