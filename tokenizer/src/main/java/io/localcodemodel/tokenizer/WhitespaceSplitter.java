package io.localcodemodel.tokenizer;

import java.util.Map;

/// Drops white space and separates words from what is neither (`Whitespace` of `tokenizer.json`, the pattern
/// `\w+|[^\w\s]+`).
public record WhitespaceSplitter() implements Splitter {

    static final String TYPE = "Whitespace";

    private static final int SPACE = 0;
    private static final int WORD = 1;
    private static final int OTHER = 2;

    @Override
    public void split(Text text, int from, int to, Words words) {
        byte[] utf8 = text.utf8();
        int wordStart = from;
        int kind = SPACE;
        for (int at = from; at < to; ) {
            int next = kind(Utf8.decode(utf8, at));
            if (next != kind) {
                if (kind != SPACE) {
                    words.word(text, wordStart, at);
                }
                wordStart = at;
                kind = next;
            }
            at += Utf8.length(utf8[at]);
        }
        if (kind != SPACE) {
            words.word(text, wordStart, to);
        }
    }

    private static int kind(int codePoint) {
        return CharacterKinds.isWord(codePoint) ? WORD : CharacterKinds.isWhiteSpace(codePoint) ? SPACE : OTHER;
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
