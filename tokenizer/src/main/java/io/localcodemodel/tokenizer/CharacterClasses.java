package io.localcodemodel.tokenizer;

/// The kinds of characters that the splitting patterns tell apart, one byte a code point.
///
/// The order is chosen so that one comparison answers the common questions: letters are [#UPPER] and above, and what is
/// neither white space, number, mark nor letter is [#PUNCTUATION] and below.
final class CharacterClasses {

    /// Controls, unassigned.
    static final byte OTHER = 0;
    /// `\p{S}`.
    static final byte SYMBOL = 1;
    /// `\p{P}`.
    static final byte PUNCTUATION = 2;
    /// White space (the Unicode property, as `\s`) but for carriage return and line feed.
    static final byte SPACE = 3;
    /// Carriage return or line feed.
    static final byte NEWLINE = 4;
    /// `\p{N}`.
    static final byte NUMBER = 5;
    /// `\p{M}`.
    static final byte MARK = 6;
    /// `\p{Lu}` and `\p{Lt}`; this and the following are `\p{L}`.
    static final byte UPPER = 7;
    /// `\p{Ll}`.
    static final byte LOWER = 8;
    /// `\p{Lm}` and `\p{Lo}`.
    static final byte LETTER = 9;

    /// The classes of ASCII; the index is the byte.
    static final byte[] ASCII = new byte[128];

    static {
        for (int c = 0; c < ASCII.length; c++) {
            ASCII[c] = compute(c);
        }
    }

    private CharacterClasses() {}

    /// Returns the class of a code point.
    static byte of(int codePoint) {
        return codePoint < 128 ? ASCII[codePoint] : Pages.of(codePoint);
    }

    /// Returns the class of the character that begins at `at`.
    static byte at(byte[] utf8, int at) {
        byte lead = utf8[at];
        return lead >= 0 ? ASCII[lead] : Pages.of(Utf8.decode(utf8, at));
    }

    static boolean isLetter(byte kind) {
        return kind >= UPPER;
    }

    static boolean isWhiteSpace(byte kind) {
        return kind == SPACE || kind == NEWLINE;
    }

    private static byte compute(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> UPPER;
            case Character.LOWERCASE_LETTER -> LOWER;
            case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> MARK;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> PUNCTUATION;
            case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL ->
                SYMBOL;
            default ->
                codePoint == '\n' || codePoint == '\r'
                        ? NEWLINE
                        : codePoint == '\t' || codePoint == 0x0B || codePoint == '\f' || codePoint == 0x85
                                ? SPACE
                                : OTHER;
        };
    }

    /// The table for all of Unicode, made when the first character beyond ASCII is met: pages of 256 code points,
    /// equal pages shared.
    private static final class Pages {

        private static final int PAGE_BITS = 8;
        private static final byte[][] PAGES = new byte[(Character.MAX_CODE_POINT + 1) >> PAGE_BITS][];

        static {
            byte[][] uniform = new byte[LETTER + 1][];
            for (int page = 0; page < PAGES.length; page++) {
                byte[] kinds = new byte[1 << PAGE_BITS];
                boolean same = true;
                for (int i = 0; i < kinds.length; i++) {
                    kinds[i] = compute(page << PAGE_BITS | i);
                    same &= kinds[i] == kinds[0];
                }
                if (same && uniform[kinds[0]] != null) {
                    kinds = uniform[kinds[0]];
                } else if (same) {
                    uniform[kinds[0]] = kinds;
                }
                PAGES[page] = kinds;
            }
        }

        static byte of(int codePoint) {
            return PAGES[codePoint >> PAGE_BITS][codePoint & (1 << PAGE_BITS) - 1];
        }
    }
}
