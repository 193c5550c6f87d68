package io.localcodemodel.tokenizer;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Brings a text into a Unicode normal form (`NFC`, `NFD`, `NFKC`, `NFKD` of `tokenizer.json`; Unicode standard annex
/// 15).
///
/// A text is normalised a few characters at a time, from one that never joins those before it to the next, so that
/// each character's place in the source stays known; characters that are joined or change places share theirs. A text that is in the form already is not touched.
///
/// @param form the normal form
public record UnicodeNormalizer(java.text.Normalizer.Form form) implements Normalizer {

    /// In characters: no word has as many marks.
    private static final int LONG_RUN = 64;

    static Normalizer of(JsonFields fields) throws TokenizerFormatException {
        return new UnicodeNormalizer(java.text.Normalizer.Form.valueOf(fields.string("type")));
    }

    @Override
    public Text normalize(Text text) {
        if (Utf8.isAscii(text.utf8(), 0, text.length())
                || (!hasLongRun(text) && java.text.Normalizer.isNormalized(text.string(), form))) {
            return text;
        }
        Text.Builder normalized = new Text.Builder(text);
        byte[] utf8 = text.utf8();
        int from = 0;
        while (from < text.length()) {
            int to = from + Utf8.length(utf8[from]);
            while (to < text.length() && mayJoin(Utf8.decode(utf8, to))) {
                to += Utf8.length(utf8[to]);
            }
            String part = text.string(from, to);
            String ordered = part.length() > LONG_RUN ? CanonicalOrder.of(part, decomposition()) : part;
            String changed = java.text.Normalizer.normalize(ordered, form);
            if (changed.equals(part)) {
                normalized.copy(from, to);
            } else if (!appendEach(normalized, text, from, to, changed)) {
                normalized.append(changed, from, to);
            }
            from = to;
        }
        return normalized.build();
    }

    private Form decomposition() {
        return form == Form.NFKC || form == Form.NFKD ? Form.NFKD : Form.NFD;
    }

    private static boolean hasLongRun(Text text) {
        int run = 0;
        for (int at = 0; at < text.length() && run <= LONG_RUN; at += Utf8.length(text.utf8()[at])) {
            run = mayJoin(Utf8.decode(text.utf8(), at)) ? run + 1 : 0;
        }
        return run > LONG_RUN;
    }

    /// Appends the normal form of each character, with the place of that character, if together they give `whole`, and
    /// says whether they do: nothing was joined or changed places.
    private boolean appendEach(Text.Builder normalized, Text text, int from, int to, String whole) {
        List<String> parts = new ArrayList<>();
        for (int at = from; at < to; at += Utf8.length(text.utf8()[at])) {
            parts.add(java.text.Normalizer.normalize(Character.toString(Utf8.decode(text.utf8(), at)), form));
        }
        if (parts.size() == 1 || !whole.equals(String.join("", parts))) {
            return false;
        }
        int at = from;
        for (String part : parts) {
            int next = at + Utf8.length(text.utf8()[at]);
            normalized.append(part, at, next);
            at = next;
        }
        return true;
    }

    /// Whether a character may become one with those before it, or change places with them: marks, the vowels and
    /// final consonants of Hangul, and the half-width and compatibility forms of both.
    private static boolean mayJoin(int codePoint) {
        if (codePoint < 0x300) {
            return false;
        }
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || isBetween(codePoint, 0x1160, 0x11FF)
                || isBetween(codePoint, 0x3130, 0x318F)
                || isBetween(codePoint, 0xD7B0, 0xD7FF)
                || isBetween(codePoint, 0xFF9E, 0xFFDF);
    }

    private static boolean isBetween(int codePoint, int first, int last) {
        return codePoint >= first && codePoint <= last;
    }

    /// No mark is a space or a line feed, so neither joins the letter before it.
    @Override
    public boolean cutsBeforeSpace() {
        return true;
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", form.name());
    }
}
