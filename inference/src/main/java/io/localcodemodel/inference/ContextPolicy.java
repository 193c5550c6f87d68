package io.localcodemodel.inference;

/// What happens when prompt and completion do not fit into the model's context.
///
/// A context of C tokens holds a prompt of P ≤ C tokens and C - P + 1 new ones: the last new token is chosen but needs no
/// place of its own.
public enum ContextPolicy {
    /// A prompt of more than C tokens is refused with an [IllegalArgumentException]; a completion that reaches the end
    /// of the context finishes with [FinishReason.ContextFull].
    REFUSE,

    /// A prompt that leaves no room for the maximum number of new tokens loses tokens on its left, all but the special
    /// token it may begin with; at least half of the context stays with the prompt. A completion that reaches the
    /// end of the context finishes with [FinishReason.ContextFull]. Of the texts around a gap, those parts stay that lie next to
    /// it. What was dropped is in
    /// [Completion#droppedTokens()].
    KEEP_LAST,

    /// As [#KEEP_LAST], and a completion that reaches the end of the context goes on after the older half of it has been
    /// dropped. The kept half is computed again at its new positions, which costs one prefill of C/2 tokens every
    /// C/2 tokens. A gap that is filled does not slide, since its marks would be lost: there it is [#KEEP_LAST].
    SLIDE
}
