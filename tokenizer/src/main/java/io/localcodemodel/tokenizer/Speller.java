package io.localcodemodel.tokenizer;

/// Spells words for one thread: a model and the memory that it works in.
@FunctionalInterface
interface Speller {

    /// Appends the tokens of a word, the bytes `from` to `to`, to a spelling that is empty.
    void spell(byte[] utf8, int from, int to, Spelling spelling);
}
