package io.localcodemodel.tokenizer;

import java.util.Map;

/// Splits at white space, which is dropped, and nowhere else (`WhitespaceSplit` of `tokenizer.json`).
public record WhitespaceOnlySplitter() implements Splitter {

    static final String TYPE = "WhitespaceSplit";

    @Override
    public void split(Text text, int from, int to, Words words) {
        DelimitedWords.split(text, from, to, CharacterKinds::isWhiteSpace, SplitBehavior.REMOVED, words);
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        return CutBeforeSpace.CHANGES_NOTHING;
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", TYPE);
    }
}
