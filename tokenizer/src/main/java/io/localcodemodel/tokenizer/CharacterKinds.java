package io.localcodemodel.tokenizer;

/// The kinds of characters that the stages of encoders such as BERT tell apart.
///
/// What the splitting patterns of byte-level vocabularies need is in [CharacterClasses].
final class CharacterKinds {

    private static final int PUNCTUATION = bits(
            Character.CONNECTOR_PUNCTUATION,
            Character.DASH_PUNCTUATION,
            Character.START_PUNCTUATION,
            Character.END_PUNCTUATION,
            Character.INITIAL_QUOTE_PUNCTUATION,
            Character.FINAL_QUOTE_PUNCTUATION,
            Character.OTHER_PUNCTUATION);
    private static final int MARK =
            bits(Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK);
    private static final int OTHER =
            bits(Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED);
    private static final int WORD = MARK | bits(Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION);

    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private CharacterKinds() {}

    private static int bits(int... types) {
        int bits = 0;
        for (int type : types) {
            bits |= 1 << type;
        }
        return bits;
    }

    private static boolean isOneOf(int types, int codePoint) {
        return (types >> Character.getType(codePoint) & 1) != 0;
    }

    /// Whether a character has the Unicode property `White_Space`.
    static boolean isWhiteSpace(int codePoint) {
        return CharacterClasses.isWhiteSpace(CharacterClasses.of(codePoint));
    }

    /// Whether a character is `\p{P}` or any ASCII character that is neither letter, digit, space nor control.
    static boolean isPunctuation(int codePoint) {
        if (codePoint < 128) {
            return codePoint > ' ' && codePoint < 127 && !Character.isLetterOrDigit(codePoint);
        }
        return isOneOf(PUNCTUATION, codePoint);
    }

    /// Whether a character is `\w`: alphabetic, a mark, a decimal digit, a connector or a join control.
    static boolean isWord(int codePoint) {
        return Character.isAlphabetic(codePoint)
                || isOneOf(WORD, codePoint)
                || codePoint == ZERO_WIDTH_NON_JOINER
                || codePoint == ZERO_WIDTH_JOINER;
    }

    /// Whether a character is `\p{C}`: a control, a format, private or unassigned character.
    static boolean isOther(int codePoint) {
        return isOneOf(OTHER, codePoint);
    }

    /// Whether a character is `\p{M}`.
    static boolean isMark(int codePoint) {
        return isOneOf(MARK, codePoint);
    }

    /// Whether a character is `\p{Mn}`.
    static boolean isNonSpacingMark(int codePoint) {
        return Character.getType(codePoint) == Character.NON_SPACING_MARK;
    }

    /// Whether a character is a Chinese one, which BERT takes for a word of its own.
    ///
    /// The blocks are those of the reference, in which the fifth begins 256 characters late.
    static boolean isChinese(int codePoint) {
        return codePoint >= 0x3400
                && (isBetween(codePoint, 0x4E00, 0x9FFF)
                        || isBetween(codePoint, 0x3400, 0x4DBF)
                        || isBetween(codePoint, 0x20000, 0x2A6DF)
                        || isBetween(codePoint, 0x2A700, 0x2B73F)
                        || isBetween(codePoint, 0x2B740, 0x2B81F)
                        || isBetween(codePoint, 0x2B920, 0x2CEAF)
                        || isBetween(codePoint, 0xF900, 0xFAFF)
                        || isBetween(codePoint, 0x2F800, 0x2FA1F));
    }

    private static boolean isBetween(int codePoint, int first, int last) {
        return codePoint >= first && codePoint <= last;
    }
}
