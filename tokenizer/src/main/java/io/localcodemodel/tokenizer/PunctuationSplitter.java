package io.localcodemodel.tokenizer;

import java.util.Map;

/// Splits at punctuation marks (`Punctuation` of `tokenizer.json`): `\p{P}`, and the symbols of ASCII.
///
/// @param behavior what becomes of the marks
public record PunctuationSplitter(SplitBehavior behavior) implements Splitter {

    static final String TYPE = "Punctuation";

    static PunctuationSplitter of(JsonFields fields) throws TokenizerFormatException {
        return new PunctuationSplitter(
                fields.has("behavior") ? SplitBehavior.of(fields, "behavior") : SplitBehavior.ISOLATED);
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        DelimitedWords.split(text, from, to, CharacterKinds::isPunctuation, behavior, words);
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        return CutBeforeSpace.CUTS_ONE_WORD;
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf("type", TYPE, "behavior", behavior.jsonName());
    }
}
