package io.localcodemodel.tokenizer;

/// The pattern of cl100k and of the many vocabularies that follow it (Llama 3, Qwen 2 and 3, Seed-Coder):
///
/// ```text
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// They differ in how many numbers stay together and in whether line feeds belong to the punctuation before them. The
/// newer spelling also takes white space at the end of a text as one word, line feeds or not, by its alternative
/// `\s++$`.
final class Cl100kScanner implements Scanner {

    private static final String BEFORE_NUMBERS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String WHITE_SPACE = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String AFTER_NUMBERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + WHITE_SPACE;

    /// With groups of up to three numbers: cl100k, Llama 3.
    static final String PATTERN = BEFORE_NUMBERS + "\\p{N}{1,3}" + AFTER_NUMBERS;
    /// With each number alone: Qwen.
    static final String SINGLE_NUMBERS = BEFORE_NUMBERS + "\\p{N}" + AFTER_NUMBERS;

    /// With each number alone and line feeds never after punctuation, as Seed-Coder writes it.
    static final String LINES_APART = BEFORE_NUMBERS + "\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+" + WHITE_SPACE;

    /// With groups of up to three numbers and the end of a text apart, as newer versions of tiktoken write cl100k.
    static final String POSSESSIVE = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+"
            + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";

    private final int numbers;
    private final boolean lineEnds;
    private final boolean endApart;

    /// @param numbers how many numbers at most make one word
    /// @param lineEnds whether line feeds belong to the punctuation before them
    /// @param endApart whether all white space at the end of a text is one word
    Cl100kScanner(int numbers, boolean lineEnds, boolean endApart) {
        this.numbers = numbers;
        this.lineEnds = lineEnds;
        this.endApart = endApart;
    }

    @Override
    public int next(byte[] utf8, int at, int end) {
        byte kind = CharacterClasses.at(utf8, at);
        if (kind >= CharacterClasses.UPPER) {
            return Scans.letters(utf8, at, end);
        }
        if (kind == CharacterClasses.NUMBER) {
            return Scans.numbers(utf8, at, end, numbers);
        }
        if (utf8[at] == '\'') {
            int contraction = Scans.contractionIgnoringCase(utf8, at, end);
            if (contraction > at) {
                return contraction;
            }
        }
        int second = at + Utf8.length(utf8[at]);
        if (second == end) {
            return end;
        }
        byte secondKind = CharacterClasses.at(utf8, second);
        if (secondKind >= CharacterClasses.UPPER && kind != CharacterClasses.NEWLINE) {
            return Scans.letters(utf8, second, end);
        }
        if (Scans.isOther(kind) || (utf8[at] == ' ' && Scans.isOther(secondKind))) {
            int after = Scans.others(utf8, second, end);
            return lineEnds ? Scans.lineEnds(utf8, after, end, false) : after;
        }
        if (endApart && Scans.whiteSpace(utf8, at, end) == end) {
            return end;
        }
        return Scans.whiteSpaceOrLines(utf8, at, end);
    }
}
