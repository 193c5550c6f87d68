package io.localcodemodel.tokenizer;

import java.util.Map;

/// Splits at one character, which is dropped (`CharDelimiterSplit` of `tokenizer.json`).
///
/// @param delimiter the code point
public record DelimiterSplitter(int delimiter) implements Splitter {

    static final String TYPE = "CharDelimiterSplit";

    static DelimiterSplitter of(JsonFields fields) throws TokenizerFormatException {
        return new DelimiterSplitter(fields.character("delimiter"));
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        DelimitedWords.split(text, from, to, c -> c == delimiter, SplitBehavior.REMOVED, words);
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        return CutBeforeSpace.CUTS_ONE_WORD;
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf("type", TYPE, "delimiter", Character.toString(delimiter));
    }
}
