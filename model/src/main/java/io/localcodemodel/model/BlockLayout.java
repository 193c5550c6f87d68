package io.localcodemodel.model;

/// Where a block normalises and adds; `A` is attention, `F` the feed-forward part, `N` a norm.
public enum BlockLayout {
    /// `a = x + A(N₁x)`, `y = a + F(N₂a)`: GPT-2, LLaMA and most others.
    PRE_NORM,
    /// `y = x + A(N₁x) + F(N₂x)`: GPT-NeoX.
    PARALLEL,
    /// `y = x + A(Nx) + F(Nx)`, one norm for both: Phi, CodeGen.
    PARALLEL_SHARED_NORM,
    /// `a = x + N₁A(x)`, `y = a + N₂F(a)`: OLMo 2.
    POST_SUBLAYER_NORM
}
