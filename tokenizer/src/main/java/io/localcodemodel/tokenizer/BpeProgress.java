package io.localcodemodel.tokenizer;

/// How far the training of a vocabulary has come, which merges pairs whether it is for BPE or for WordPiece.
public sealed interface BpeProgress {

    /// Words are being counted.
    ///
    /// @param characters the characters read so far
    record Counting(long characters) implements BpeProgress {}

    /// Pairs are being merged.
    ///
    /// @param tokens the tokens in the vocabulary so far
    /// @param wanted the tokens asked for
    record Merging(int tokens, int wanted) implements BpeProgress {}
}
