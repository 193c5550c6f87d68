package io.localcodemodel.tokenizer;

/// Turns a token of the vocabulary back into the bytes of text it stands for.
///
/// A decoder looks at one token at a time and knows only whether it is the first or goes on with a word, which is all that
/// the schemes in use need and what makes streaming exact: the bytes of a sequence are those of its tokens, put together.
@FunctionalInterface
public interface Decoder extends Stage {

    /// Returns the bytes that a token adds to a text.
    ///
    /// @param token the UTF-8 bytes of the token as the vocabulary writes it, or as the decoder before this one
    ///     left it
    /// @param first whether it is the first token of the text
    byte[] decode(byte[] token, boolean first);

    /// Whether the token after this one is written as the first of a text is, since it goes on with the same word.
    ///
    /// @param token the UTF-8 bytes of the token as the vocabulary writes it
    default boolean goesOn(byte[] token) {
        return false;
    }
}
