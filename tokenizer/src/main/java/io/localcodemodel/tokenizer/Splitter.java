package io.localcodemodel.tokenizer;

/// Cuts a text into the words that the model sees one at a time (the `pre_tokenizer` of `tokenizer.json`).
@FunctionalInterface
public interface Splitter extends Stage {

    /// Cuts the bytes `from` to `to` of a text and hands over each word in order.
    ///
    /// What lies outside the range is not looked at. A splitter that changes the text, for instance by putting a mark in place of each space,
    /// hands over words of a new [Text].
    void split(Text text, int from, int to, Words words);

    /// Returns what it does to the words if the text is cut before a space or line feed that follows an ASCII
    /// letter and the parts are split one by one.
    ///
    /// Where it changes nothing, a long text can be encoded in parts.
    default CutBeforeSpace cutBeforeSpace() {
        return CutBeforeSpace.CHANGES_WORDS;
    }

    /// Whether the words are to be taken byte by byte, as byte-level models do.
    default boolean byteLevel() {
        return false;
    }

    /// What a cut before a space or line feed that follows an ASCII letter does to the words of a text.
    enum CutBeforeSpace {
        /// It may change words anywhere.
        CHANGES_WORDS,
        /// It may cut the word it falls into in two; all others stay the same.
        CUTS_ONE_WORD,
        /// A word ends there anyhow: no word changes.
        CHANGES_NOTHING
    }

    /// Receives the words of a text.
    @FunctionalInterface
    interface Words {

        /// Takes the word that the bytes `from` to `to` of a text spell.
        void word(Text text, int from, int to);
    }
}
