package io.localcodemodel.tokenizer;

/// Rewrites a text before it is split, for instance into a Unicode normal form.
@FunctionalInterface
public interface Normalizer extends Stage {

    /// Returns the rewritten text, or the same object where nothing changes.
    ///
    /// A rewritten text is built with [Text.Builder], which remembers which characters of the source each byte
    /// came from.
    Text normalize(Text text);

    /// Whether the text before a space or line feed that follows an ASCII letter, and the text from it on, are
    /// rewritten as if each stood alone.
    ///
    /// Where it is so, a long text can be encoded in parts.
    default boolean cutsBeforeSpace() {
        return false;
    }
}
