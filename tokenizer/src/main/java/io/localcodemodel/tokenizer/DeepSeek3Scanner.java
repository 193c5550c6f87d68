package io.localcodemodel.tokenizer;

import java.util.List;

/// The patterns of DeepSeek-V3 and R1, each of which cuts what the one before it left:
///
/// ```text
/// \p{N}{1,3}
/// [一-龥぀-ゟ゠-ヿ]+
/// [!-/:-@[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// To the third pattern the text ends at a number, and where characters of the second begin or end.
final class DeepSeek3Scanner implements Scanner {

    static final List<String> PATTERNS = List.of(
            "\\p{N}{1,3}",
            "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+");

    /// Stands for what the third pattern does not see, beside the kinds of [CharacterClasses].
    private static final byte END = -1;

    @Override
    public int next(byte[] utf8, int at, int end) {
        boolean eastAsian = isEastAsian(utf8, at);
        byte kind = kind(utf8, at, end, eastAsian);
        int second = at + Utf8.length(utf8[at]);
        return switch (kind) {
            case END -> Scans.numbers(utf8, at, end, 3);
            case CharacterClasses.PUNCTUATION, CharacterClasses.SYMBOL -> {
                int letters = utf8[at] >= 0 ? Scans.asciiLetters(utf8, second, end) : second;
                yield letters > second ? letters : marks(utf8, second, end, eastAsian);
            }
            case CharacterClasses.SPACE, CharacterClasses.NEWLINE, CharacterClasses.OTHER -> {
                byte secondKind = kind(utf8, second, end, eastAsian);
                if (secondKind >= CharacterClasses.MARK && kind != CharacterClasses.NEWLINE) {
                    yield letters(utf8, second, end, eastAsian);
                }
                if (kind == CharacterClasses.OTHER) {
                    yield unmatched(utf8, second, end, eastAsian);
                }
                yield utf8[at] == ' ' && isMark(secondKind)
                        ? marks(utf8, second, end, eastAsian)
                        : whiteSpace(utf8, at, end, eastAsian);
            }
            default -> letters(utf8, at, end, eastAsian);
        };
    }

    /// The second pattern.
    private static boolean isEastAsian(byte[] utf8, int at) {
        return utf8[at] < 0 && isEastAsian(Utf8.decode(utf8, at));
    }

    private static boolean isEastAsian(int codePoint) {
        return (codePoint >= 0x4E00 && codePoint <= 0x9FA5) || (codePoint >= 0x3040 && codePoint <= 0x30FF);
    }

    /// Returns the kind of a character as the third pattern sees it within a part that is in the second pattern, or not.
    private static byte kind(byte[] utf8, int at, int end, boolean eastAsian) {
        if (at >= end) {
            return END;
        }
        int codePoint = utf8[at] >= 0 ? utf8[at] : Utf8.decode(utf8, at);
        byte kind = CharacterClasses.of(codePoint);
        return kind == CharacterClasses.NUMBER || isEastAsian(codePoint) != eastAsian ? END : kind;
    }

    /// `[\p{P}\p{S}]`
    private static boolean isMark(byte kind) {
        return kind == CharacterClasses.PUNCTUATION || kind == CharacterClasses.SYMBOL;
    }

    /// `[\p{L}\p{M}]*`
    private static int letters(byte[] utf8, int at, int end, boolean eastAsian) {
        int i = at;
        while (kind(utf8, i, end, eastAsian) >= CharacterClasses.MARK) {
            i = utf8[i] < 0 ? i + Utf8.length(utf8[i]) : Scans.asciiLetters(utf8, i, end);
        }
        return i;
    }

    /// `[\p{P}\p{S}]*[\r\n]*`
    private static int marks(byte[] utf8, int at, int end, boolean eastAsian) {
        int i = at;
        while (isMark(kind(utf8, i, end, eastAsian))) {
            i += Utf8.length(utf8[i]);
        }
        return eastAsian ? i : Scans.lineEnds(utf8, i, end, false);
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`
    private static int whiteSpace(byte[] utf8, int at, int end, boolean eastAsian) {
        int after = Scans.whiteSpace(utf8, at, end);
        return Scans.whiteSpaceOrLines(utf8, at, kind(utf8, after, end, eastAsian) == END ? after : end);
    }

    /// Goes on over characters that no pattern matches, up to one that a letter follows.
    private static int unmatched(byte[] utf8, int at, int end, boolean eastAsian) {
        int i = at;
        while (kind(utf8, i, end, eastAsian) == CharacterClasses.OTHER) {
            int second = i + Utf8.length(utf8[i]);
            if (kind(utf8, second, end, eastAsian) >= CharacterClasses.MARK) {
                break;
            }
            i = second;
        }
        return i;
    }
}
