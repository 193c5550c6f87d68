package io.localcodemodel.tokenizer;

import java.lang.Character.UnicodeScript;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Splits where the script changes (`UnicodeScripts` of `tokenizer.json`).
///
/// A space and a character without a script go with those before them, and are dropped at the beginning of a text; the
/// Japanese syllabaries count as Chinese. All this is as in the reference.
public record ScriptsSplitter() implements Splitter {

    static final String TYPE = "UnicodeScripts";

    private static final int PROLONGED_SOUND_MARK = 0x30FC;

    @Override
    public void split(Text text, int from, int to, Words words) {
        byte[] utf8 = text.utf8();
        int wordStart = -1;
        UnicodeScript last = null;
        for (int at = from; at < to; at += Utf8.length(utf8[at])) {
            UnicodeScript script = script(Utf8.decode(utf8, at));
            if (script != null && script != last) {
                if (wordStart >= 0) {
                    words.word(text, wordStart, at);
                }
                wordStart = at;
                last = script;
            }
        }
        if (wordStart >= 0) {
            words.word(text, wordStart, to);
        }
    }

    private static @Nullable UnicodeScript script(int codePoint) {
        if (codePoint == ' ') {
            return null;
        }
        if (codePoint == PROLONGED_SOUND_MARK) {
            return UnicodeScript.HAN;
        }
        return switch (UnicodeScript.of(codePoint)) {
            case UNKNOWN -> null;
            case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
            case UnicodeScript script -> script;
        };
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", TYPE);
    }
}
