package io.localcodemodel.tokenizer;

import java.util.Locale;
import java.util.function.IntPredicate;

/// Rewriting character by character, which several normalisers share.
final class CharacterNormalizers {

    /// The only character whose small form is two characters: I with a dot above.
    private static final int CAPITAL_I_WITH_DOT = 0x130;

    private CharacterNormalizers() {}

    /// Returns a text without the characters that a predicate names; the same object if there are none.
    static Text remove(Text text, IntPredicate removed) {
        byte[] utf8 = text.utf8();
        int found = firstMatch(text, removed);
        if (found == text.length()) {
            return text;
        }
        Text.Builder kept = new Text.Builder(text).copy(0, found);
        for (int at = found; at < text.length(); ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            if (!removed.test(codePoint)) {
                kept.append(codePoint, at, next);
            }
            at = next;
        }
        return kept.build();
    }

    private static int firstMatch(Text text, IntPredicate wanted) {
        byte[] utf8 = text.utf8();
        int at = 0;
        while (at < text.length() && !wanted.test(Utf8.decode(utf8, at))) {
            at += Utf8.length(utf8[at]);
        }
        return at;
    }

    /// Returns a text in small letters; the same object if it is already.
    static Text lowercase(Text text) {
        byte[] utf8 = text.utf8();
        int found = firstMatch(text, codePoint -> Character.toLowerCase(codePoint) != codePoint);
        if (found == text.length()) {
            return text;
        }
        Text.Builder small = new Text.Builder(text).copy(0, found);
        for (int at = found; at < text.length(); ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            if (codePoint == CAPITAL_I_WITH_DOT) {
                small.append(Character.toString(codePoint).toLowerCase(Locale.ROOT), at, next);
            } else {
                small.append(Character.toLowerCase(codePoint), at, next);
            }
            at = next;
        }
        return small.build();
    }
}
