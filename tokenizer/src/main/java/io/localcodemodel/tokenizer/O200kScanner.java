package io.localcodemodel.tokenizer;

/// The pattern of o200k and of Mistral's Tekken, which also cuts where a small letter is followed by a capital:
///
/// ```text
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// Tekken takes each number alone and knows no contractions.
final class O200kScanner implements Scanner {

    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

    static final String PATTERN = pattern(CONTRACTION, "\\p{N}{1,3}");
    static final String TEKKEN = pattern("", "\\p{N}");

    private final int numbers;
    private final boolean contractions;

    /// @param numbers how many numbers at most make one word
    /// @param contractions whether a word has its contraction (`'s`, `'ll`) with it
    O200kScanner(int numbers, boolean contractions) {
        this.numbers = numbers;
        this.contractions = contractions;
    }

    private static String pattern(String contraction, String numbers) {
        return "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+" + contraction
                + "|[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "+" + LOWER + "*" + contraction
                + "|" + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    }

    @Override
    public int next(byte[] utf8, int at, int end) {
        byte kind = CharacterClasses.at(utf8, at);
        if (kind >= CharacterClasses.MARK) {
            // a mark may also be the character before the word, but giving that back changes nothing
            return word(utf8, at, end);
        }
        if (kind == CharacterClasses.NUMBER) {
            return Scans.numbers(utf8, at, end, numbers);
        }
        int second = at + Utf8.length(utf8[at]);
        byte secondKind = second < end ? CharacterClasses.at(utf8, second) : CharacterClasses.NEWLINE;
        if (kind != CharacterClasses.NEWLINE && secondKind >= CharacterClasses.MARK) {
            return word(utf8, second, end);
        }
        if (kind <= CharacterClasses.PUNCTUATION || (utf8[at] == ' ' && second < end && Scans.isOther(secondKind))) {
            return Scans.lineEnds(utf8, Scans.others(utf8, second, end), end, true);
        }
        return Scans.whiteSpaceOrLines(utf8, at, end);
    }

    /// Returns the end of the word of letters and marks that begins at `at`, with its contraction.
    ///
    /// The first alternative takes capitals, then at least one small letter; letters without case and marks count
    /// as both. If no small letter follows the capitals, it gives back until its last character counts as small.
    /// Only where none of them does is the second alternative tried, which takes the capitals alone.
    private int word(byte[] utf8, int at, int end) {
        int i = at;
        int afterBoth = at;
        while (i < end) {
            byte kind = CharacterClasses.at(utf8, i);
            if (kind < CharacterClasses.MARK || kind == CharacterClasses.LOWER) {
                break;
            }
            i += Utf8.length(utf8[i]);
            if (kind != CharacterClasses.UPPER) {
                afterBoth = i;
            }
        }
        int smallEnd = smalls(utf8, i, end);
        if (smallEnd == i && afterBoth > at) {
            smallEnd = afterBoth;
        }
        return contractions ? Scans.contractionIgnoringCase(utf8, smallEnd, end) : smallEnd;
    }

    private static int smalls(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end) {
            byte kind = CharacterClasses.at(utf8, i);
            if (kind < CharacterClasses.MARK || kind == CharacterClasses.UPPER) {
                break;
            }
            i += Utf8.length(utf8[i]);
        }
        return i;
    }
}
