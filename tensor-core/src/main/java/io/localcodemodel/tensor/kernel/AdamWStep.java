package io.localcodemodel.tensor.kernel;

/// What all weights of one AdamW step share (Loshchilov and Hutter 2019, algorithm 2). With `g = gradientScale·gradient[i]`
/// a step is `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`, `p = p·(1 - rate·decay) - rate·(m/c₁)/(√(v/c₂) + epsilon)`.
///
/// @param correction1 `c₁ = 1 - β₁ᵗ` at step t, counted from 1
/// @param correction2 `c₂ = 1 - β₂ᵗ`
public record AdamWStep(
        float rate,
        float beta1,
        float beta2,
        float epsilon,
        float decay,
        float correction1,
        float correction2,
        float gradientScale) {
    /// What is left of a weight before the moment moves it.
    public float kept() {
        return 1 - rate * decay;
    }
}
