package io.localcodemodel.tokenizer;

import java.util.List;

/// The patterns of DeepSeek Coder and of DeepSeek LLM (which Coder V2 shares), each of which cuts what the one before it
/// left:
///
/// ```text
/// Coder              LLM
/// [\r\n]             [\r\n]
/// \s?\p{L}+          \s?[letters that are large or small]+
/// \s?\p{P}+          \s?[!-/:-~！-／：-～‘-‟　-。]+
///                    \s+$
/// [ࠀ-龥가-퟿]+       [ࠀ-龥가-퟿]+
/// \p{N}              \p{N}+ or \p{N}
/// ```
///
/// No match of one pattern looks further than the white space after it, so the words can be found from left to right: what
/// begins a match of the second or third pattern is taken as far as it goes, and so is what lies between them; either ends
/// where characters of the fifth begin or end, and before a number.
///
/// Two things make LLM's patterns special. ASCII and full-width letters are also in the third class ([#BOTH]), so
/// that a word of letters is cut where they meet others. And the ideographic space ([#WIDE_SPACE]) is white space as well as
/// punctuation.
final class DeepSeekScanner implements Scanner {

    private static final String LINE_END = "[\r\n]";
    private static final String SCRIPTS = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";

    static final List<String> CODER = List.of(LINE_END, "\\s?\\p{L}+", "\\s?\\p{P}+", SCRIPTS, "\\p{N}");
    static final List<String> LLM = llm("\\p{N}+");
    static final List<String> LLM_SINGLE_NUMBERS = llm("\\p{N}");

    /// What no pattern but the fifth matches.
    private static final byte OTHER = 0;
    private static final byte NUMBER = 1;
    private static final byte NEWLINE = 2;
    private static final byte SPACE = 3;
    private static final byte WIDE_SPACE = 4;
    private static final byte PUNCTUATION = 5;
    /// Letters of the second pattern; this and the following.
    private static final byte LETTER = 6;
    /// Letters that the third pattern matches too.
    private static final byte BOTH = 7;

    private final boolean coder;
    private final boolean singleNumbers;
    private final byte[] ascii = new byte[128];

    /// @param coder whether the patterns are those of Coder, rather than those of LLM
    /// @param singleNumbers whether each number is a word of its own
    DeepSeekScanner(boolean coder, boolean singleNumbers) {
        this.coder = coder;
        this.singleNumbers = singleNumbers;
        for (int c = 0; c < ascii.length; c++) {
            ascii[c] = kind(c);
        }
    }

    private static List<String> llm(String numbers) {
        return List.of(
                LINE_END,
                "\\s?[" + DeepSeekLetters.RANGES + "]+",
                "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+",
                "\\s+$",
                SCRIPTS,
                numbers);
    }

    private byte kind(int codePoint) {
        byte general = CharacterClasses.of(codePoint);
        boolean letter = coder ? general >= CharacterClasses.UPPER : DeepSeekLetters.contains(codePoint);
        boolean punctuation = coder ? general == CharacterClasses.PUNCTUATION : isPunctuation(codePoint);
        if (letter) {
            return punctuation ? BOTH : LETTER;
        }
        return switch (general) {
            case CharacterClasses.NEWLINE -> NEWLINE;
            case CharacterClasses.NUMBER -> NUMBER;
            case CharacterClasses.SPACE -> punctuation ? WIDE_SPACE : SPACE;
            default -> punctuation ? PUNCTUATION : OTHER;
        };
    }

    /// LLM's third pattern.
    private static boolean isPunctuation(int c) {
        return c < 128
                ? (c >= '!' && c <= '/') || (c >= ':' && c <= '~')
                : (c >= 0x2018 && c <= 0x201F)
                        || (c >= 0x3000 && c <= 0x3002)
                        || (c >= 0xFF01 && c <= 0xFF0F)
                        || (c >= 0xFF1A && c <= 0xFF5E);
    }

    private byte kind(byte[] utf8, int at) {
        return utf8[at] >= 0 ? ascii[utf8[at]] : kind(Utf8.decode(utf8, at));
    }

    /// The fifth pattern.
    private static boolean inScripts(byte[] utf8, int at) {
        // three bytes, of which the first is E0 to ED
        if (utf8[at] < (byte) 0xE0 || utf8[at] > (byte) 0xED) {
            return false;
        }
        int codePoint = Utf8.decode(utf8, at);
        return codePoint <= 0x9FA5 || codePoint >= 0xAC00;
    }

    @Override
    public int next(byte[] utf8, int at, int end) {
        byte kind = kind(utf8, at);
        int second = at + Utf8.length(utf8[at]);
        if (kind == NEWLINE) {
            return second;
        }
        boolean scripts = inScripts(utf8, at);
        if (kind >= LETTER || kind == NUMBER) {
            return kind == NUMBER && singleNumbers ? second : run(utf8, at, end, kind, scripts);
        }
        if (kind == SPACE && matches(utf8, second, end)) {
            if (inScripts(utf8, second) != scripts) {
                return second;
            }
            byte secondKind = kind(utf8, second);
            return secondKind >= LETTER
                    ? run(utf8, second, end, secondKind, scripts)
                    : punctuation(utf8, second, end, scripts);
        }
        if (kind == WIDE_SPACE && !matches(utf8, at, end)) {
            return second;
        }
        return kind == PUNCTUATION || kind == WIDE_SPACE
                ? punctuation(utf8, at, end, scripts)
                : between(utf8, at, end, scripts);
    }

    /// Whether the second or third pattern matches at `at`, white space before it left aside.
    private boolean matches(byte[] utf8, int at, int end) {
        if (at >= end) {
            return false;
        }
        byte kind = kind(utf8, at);
        if (kind == WIDE_SPACE) {
            // before a letter it is that letter's white space
            int next = at + Utf8.length(utf8[at]);
            return next >= end || kind(utf8, next) < LETTER;
        }
        return kind >= PUNCTUATION;
    }

    /// Returns the end of the run of characters of one kind that are all in the fifth pattern, or all not.
    private int run(byte[] utf8, int at, int end, byte kind, boolean scripts) {
        int i = at;
        while (i < end && kind(utf8, i) == kind && inScripts(utf8, i) == scripts) {
            i = utf8[i] < 0 || kind < LETTER ? i + Utf8.length(utf8[i]) : Scans.asciiLetters(utf8, i, end);
        }
        return i;
    }

    /// Returns the end of the word whose punctuation begins at `at`.
    ///
    /// Wide spaces at the end of a match are a word of their own, by the fourth pattern, unless they are all of it.
    private int punctuation(byte[] utf8, int at, int end, boolean scripts) {
        int i = at;
        boolean blank = true;
        while (matchesPunctuation(utf8, i, end) && inScripts(utf8, i) == scripts) {
            if (kind(utf8, i) == PUNCTUATION) {
                blank = false;
                i += Utf8.length(utf8[i]);
            } else {
                int after = wideSpaces(utf8, i, end);
                if (!blank && !matchesPunctuation(utf8, after, end)) {
                    return i;
                }
                i = after;
            }
        }
        return i;
    }

    private boolean matchesPunctuation(byte[] utf8, int at, int end) {
        return matches(utf8, at, end) && kind(utf8, at) < LETTER;
    }

    private int wideSpaces(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end && kind(utf8, i) == WIDE_SPACE && matches(utf8, i, end)) {
            i += Utf8.length(utf8[i]);
        }
        return i;
    }

    /// Returns the end of the word that begins at `at`, between two matches of the second and third pattern.
    private int between(byte[] utf8, int at, int end, boolean scripts) {
        int i = spaces(utf8, at, end, scripts);
        while (i < end && inScripts(utf8, i) == scripts) {
            byte kind = kind(utf8, i);
            if (kind == OTHER) {
                i += Utf8.length(utf8[i]);
            } else if (kind == SPACE && !startsMatch(utf8, i, end)) {
                if (!coder && endsInSpaces(utf8, i, end)) {
                    return i;
                }
                i = spaces(utf8, i, end, scripts);
            } else {
                break;
            }
        }
        return i;
    }

    /// Whether white space belongs to the match that it stands before.
    private boolean startsMatch(byte[] utf8, int space, int end) {
        return matches(utf8, space + Utf8.length(utf8[space]), end);
    }

    /// Returns the end of the run of white space before a match, within or outside the fifth pattern.
    private int spaces(byte[] utf8, int at, int end, boolean scripts) {
        int i = at;
        while (i < end && kind(utf8, i) == SPACE && inScripts(utf8, i) == scripts && !startsMatch(utf8, i, end)) {
            i += Utf8.length(utf8[i]);
        }
        return i;
    }

    /// Whether nothing but white space lies between `at` and the next match, line end or end of the text.
    private boolean endsInSpaces(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end && kind(utf8, i) == SPACE && !startsMatch(utf8, i, end)) {
            i += Utf8.length(utf8[i]);
        }
        return i == end || (kind(utf8, i) != OTHER && kind(utf8, i) != NUMBER);
    }
}
