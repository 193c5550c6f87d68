package io.localcodemodel.tokenizer;

import java.util.Map;

/// Separates numbers from the text around them (`Digits` of `tokenizer.json`).
///
/// @param individual whether each number is a word of its own, rather than each run of them
public record DigitsSplitter(boolean individual) implements Splitter {

    static final String TYPE = "Digits";

    static DigitsSplitter of(JsonFields fields) throws TokenizerFormatException {
        return new DigitsSplitter(fields.bool("individual_digits", false));
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        byte[] utf8 = text.utf8();
        int wordStart = from;
        boolean inDigits = false;
        for (int at = from; at < to; ) {
            boolean digit = CharacterClasses.at(utf8, at) == CharacterClasses.NUMBER;
            if (at > wordStart && (digit != inDigits || (digit && individual))) {
                words.word(text, wordStart, at);
                wordStart = at;
            }
            inDigits = digit;
            at += Utf8.length(utf8[at]);
        }
        if (wordStart < to) {
            words.word(text, wordStart, to);
        }
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        return CutBeforeSpace.CUTS_ONE_WORD;
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf("type", TYPE, "individual_digits", individual);
    }
}
