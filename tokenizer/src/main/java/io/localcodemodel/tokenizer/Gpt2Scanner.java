package io.localcodemodel.tokenizer;

/// The pattern of GPT-2, r50k and the `ByteLevel` splitter of `tokenizer.json`:
///
/// ```text
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// ```
final class Gpt2Scanner implements Scanner {

    static final String PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    @Override
    public int next(byte[] utf8, int at, int end) {
        int run = at;
        byte kind = CharacterClasses.at(utf8, at);
        if (utf8[at] == ' ' && at + 1 < end) {
            kind = CharacterClasses.at(utf8, at + 1);
            run = at + 1;
        }
        return switch (kind) {
            case CharacterClasses.UPPER, CharacterClasses.LOWER, CharacterClasses.LETTER ->
                Scans.letters(utf8, run, end);
            case CharacterClasses.NUMBER -> Scans.numbers(utf8, run, end, Integer.MAX_VALUE);
            case CharacterClasses.SPACE, CharacterClasses.NEWLINE ->
                Scans.whiteSpaceMatch(utf8, at, Scans.whiteSpace(utf8, at, end), end);
            default -> {
                int contraction = run == at ? contraction(utf8, at, end) : at;
                yield contraction > at ? contraction : Scans.others(utf8, run, end);
            }
        };
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d`
    private static int contraction(byte[] utf8, int at, int end) {
        if (utf8[at] != '\'' || at + 1 >= end) {
            return at;
        }
        int first = utf8[at + 1];
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return at + 2;
        }
        if (at + 2 < end) {
            int second = utf8[at + 2];
            if ((second == 'e' && (first == 'r' || first == 'v')) || (first == 'l' && second == 'l')) {
                return at + 3;
            }
        }
        return at;
    }
}
