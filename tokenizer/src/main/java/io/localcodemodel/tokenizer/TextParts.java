package io.localcodemodel.tokenizer;

/// Where a long text may be cut into parts that are encoded on their own.
///
/// @see Splitter#cutBeforeSpace()
final class TextParts {

    private TextParts() {}

    /// Whether a part may end between two characters: an ASCII letter, and a space or line feed.
    static boolean mayCut(int before, int after) {
        return (after == ' ' || after == '\n')
                && ((before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z'));
    }
}
