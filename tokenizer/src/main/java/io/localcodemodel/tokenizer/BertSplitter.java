package io.localcodemodel.tokenizer;

import java.util.Map;

/// Splits as BERT does (`BertPreTokenizer` of `tokenizer.json`): white space is dropped, each punctuation mark is a
/// word.
public record BertSplitter() implements Splitter {

    static final String TYPE = "BertPreTokenizer";

    @Override
    public void split(Text text, int from, int to, Words words) {
        byte[] utf8 = text.utf8();
        int wordStart = from;
        for (int at = from; at < to; ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            boolean punctuation = CharacterKinds.isPunctuation(codePoint);
            if (punctuation || CharacterKinds.isWhiteSpace(codePoint)) {
                if (wordStart < at) {
                    words.word(text, wordStart, at);
                }
                if (punctuation) {
                    words.word(text, at, next);
                }
                wordStart = next;
            }
            at = next;
        }
        if (wordStart < to) {
            words.word(text, wordStart, to);
        }
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
