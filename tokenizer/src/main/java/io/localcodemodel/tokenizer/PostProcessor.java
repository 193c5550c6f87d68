package io.localcodemodel.tokenizer;

import org.jspecify.annotations.Nullable;

/// Frames the tokens of a text, or of a pair of texts, with the special tokens that a model expects around them.
@FunctionalInterface
public interface PostProcessor extends Stage {

    /// Returns the framed tokens, or `text` itself where nothing is added.
    ///
    /// @param text the tokens of the (first) text
    /// @param pair the tokens of the second text, or null
    Encoding frame(Encoding text, @Nullable Encoding pair);
}
