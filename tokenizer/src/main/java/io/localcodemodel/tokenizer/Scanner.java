package io.localcodemodel.tokenizer;

/// A splitting pattern written out by hand: matches that follow one another without a gap.
///
/// Each implementation equals a regular expression, which its class comment quotes and its test runs beside it.
/// The bytes are well-formed UTF-8, and a range begins and ends between characters.
@FunctionalInterface
interface Scanner {

    /// Returns where the match that begins at `at` ends; at least one character further on.
    ///
    /// @param end the end of the text, which look-ahead sees as such
    int next(byte[] utf8, int at, int end);

    /// Hands over each match in the bytes `from` to `to` of a text.
    default void split(Text text, int from, int to, Splitter.Words words) {
        byte[] utf8 = text.utf8();
        for (int at = from; at < to; ) {
            int next = next(utf8, at, to);
            words.word(text, at, next);
            at = next;
        }
    }
}
