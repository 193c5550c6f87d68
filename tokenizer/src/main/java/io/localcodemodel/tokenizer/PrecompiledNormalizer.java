package io.localcodemodel.tokenizer;

import java.text.BreakIterator;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rewrites a text by the rules that come with a SentencePiece vocabulary (`Precompiled` of `tokenizer.json`), for
/// instance `nmt_nfkc`.
///
/// SentencePiece replaces, from left to right, the longest string for which there is a rule. The Hugging Face library
/// does so for each character, or for a whole grapheme of less than six bytes the shortest string it begins with; a
/// `tokenizer.json` is read as that library reads it.
public final class PrecompiledNormalizer implements Normalizer {

    static final String TYPE = "Precompiled";

    private static final int LONG_GRAPHEME = 6;

    private final CharacterMap map;
    private final boolean byGrapheme;

    PrecompiledNormalizer(CharacterMap map, boolean byGrapheme) {
        this.map = map;
        this.byGrapheme = byGrapheme;
    }

    static PrecompiledNormalizer of(JsonFields fields) throws TokenizerFormatException {
        String encoded = fields.string("precompiled_charsmap");
        CharacterMap map;
        try {
            map = CharacterMap.read(Base64.getDecoder().decode(encoded));
        } catch (IllegalArgumentException e) {
            map = null;
        }
        if (map == null) {
            throw fields.refuse("precompiled_charsmap", "a character map of SentencePiece in base 64");
        }
        return new PrecompiledNormalizer(map, !fields.bool("longest_match", false));
    }

    CharacterMap map() {
        return map;
    }

    @Override
    public Text normalize(Text text) {
        Changes changes = new Changes(text);
        if (byGrapheme) {
            changes.byGrapheme();
        } else {
            changes.byLongestMatch();
        }
        return changes.result();
    }

    /// A text that is being rewritten. Nothing is copied before the first change.
    private final class Changes {

        private final Text text;
        private final byte[] utf8;
        private Text.@Nullable Builder builder;
        private int copied;

        Changes(Text text) {
            this.text = text;
            this.utf8 = text.utf8();
        }

        private void replace(long match, int from, int to) {
            if (builder == null) {
                builder = new Text.Builder(text);
            }
            map.append(builder.copy(copied, from), match, from, to);
            copied = to;
        }

        Text result() {
            return builder == null ? text : builder.copy(copied, text.length()).build();
        }

        void byLongestMatch() {
            for (int at = 0; at < text.length(); ) {
                long match = map.longest(utf8, at, text.length());
                if (match < 0) {
                    at += Utf8.length(utf8[at]);
                } else {
                    replace(match, at, CharacterMap.end(match));
                    at = CharacterMap.end(match);
                }
            }
        }

        /// Looks for graphemes only where characters may join: between two of ASCII there is always a boundary, but
        /// for carriage return and line feed.
        void byGrapheme() {
            for (int at = 0; at < text.length(); ) {
                int end = at + Utf8.length(utf8[at]);
                while (end < text.length() && mayJoin(utf8[end - 1], utf8[end])) {
                    end += Utf8.length(utf8[end]);
                }
                if (end == at + 1) {
                    grapheme(at, end);
                } else {
                    graphemes(at, end);
                }
                at = end;
            }
        }

        private static boolean mayJoin(byte last, byte next) {
            return last < 0 || next < 0 || (last == '\r' && next == '\n');
        }

        private void graphemes(int from, int to) {
            BreakIterator boundaries = BreakIterator.getCharacterInstance(Locale.ROOT);
            boundaries.setText(text.string(from, to));
            int character = 0;
            int at = from;
            for (int next = boundaries.next(); next != BreakIterator.DONE; next = boundaries.next()) {
                int end = Utf8.advance(utf8, at, next - character);
                grapheme(at, end);
                character = next;
                at = end;
            }
        }

        private void grapheme(int from, int to) {
            long whole = to - from < LONG_GRAPHEME ? map.shortest(utf8, from, to) : -1;
            if (whole >= 0) {
                replace(whole, from, to);
                return;
            }
            for (int at = from; at < to; ) {
                int next = at + Utf8.length(utf8[at]);
                long match = map.shortest(utf8, at, next);
                if (match >= 0) {
                    replace(match, at, next);
                }
                at = next;
            }
        }
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("precompiled_charsmap", Base64.getEncoder().encodeToString(map.bytes()));
        if (!byGrapheme) {
            // not a field of the reference, which passes over it
            json.put("longest_match", true);
        }
        return json;
    }
}
