package io.localcodemodel.tokenizer;

/// The pieces that the hand-written scanners share.
final class Scans {

    private static final byte[] ASCII = CharacterClasses.ASCII;

    private Scans() {}

    /// Returns the end of the run of letters from `at` on.
    static int letters(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end) {
            int c = utf8[i];
            if (c >= 0) {
                if (ASCII[c] < CharacterClasses.UPPER) {
                    return i;
                }
                i++;
            } else if (CharacterClasses.at(utf8, i) >= CharacterClasses.UPPER) {
                i += Utf8.length((byte) c);
            } else {
                return i;
            }
        }
        return i;
    }

    /// Returns the end of the run of at most `limit` numbers from `at` on.
    static int numbers(byte[] utf8, int at, int end, int limit) {
        int i = at;
        for (int count = 0; i < end && count < limit; count++) {
            if (CharacterClasses.at(utf8, i) != CharacterClasses.NUMBER) {
                return i;
            }
            i += Utf8.length(utf8[i]);
        }
        return i;
    }

    /// Returns the end of the run of characters that are neither white space, letters nor numbers.
    static int others(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end) {
            int c = utf8[i];
            if (c >= 0) {
                if (ASCII[c] != CharacterClasses.OTHER) {
                    return i;
                }
                i++;
            } else if (isOther(CharacterClasses.at(utf8, i))) {
                i += Utf8.length((byte) c);
            } else {
                return i;
            }
        }
        return i;
    }

    /// `[^\s\p{L}\p{N}]`
    static boolean isOther(byte kind) {
        return kind == CharacterClasses.OTHER || kind == CharacterClasses.MARK;
    }

    /// Returns the end of the run of white space.
    static int whiteSpace(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end && CharacterClasses.isWhiteSpace(CharacterClasses.at(utf8, i))) {
            i += Utf8.length(utf8[i]);
        }
        return i;
    }

    /// `\s+(?!\S)|\s+` for the run of white space `at` to `runEnd`: all of it at the end of the text, else all but
    /// its last character, unless that is the only one.
    static int whiteSpaceMatch(byte[] utf8, int at, int runEnd, int end) {
        if (runEnd == end) {
            return end;
        }
        int last = Utf8.before(utf8, runEnd);
        return last > at ? last : runEnd;
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`, for a text that begins with white space.
    static int whiteSpaceOrLines(byte[] utf8, int at, int end) {
        int runEnd = whiteSpace(utf8, at, end);
        for (int i = runEnd - 1; i >= at; i--) {
            if (utf8[i] == '\n' || utf8[i] == '\r') {
                return i + 1;
            }
        }
        return whiteSpaceMatch(utf8, at, runEnd, end);
    }

    /// Returns the end of the run of carriage returns and line feeds, and of slashes where wanted.
    static int lineEnds(byte[] utf8, int at, int end, boolean slashes) {
        int i = at;
        while (i < end && (utf8[i] == '\r' || utf8[i] == '\n' || (slashes && utf8[i] == '/'))) {
            i++;
        }
        return i;
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`: returns the end of the contraction that begins at `at`, or `at` if none
    /// does. `ſ` (U+017F) folds to `s`.
    static int contractionIgnoringCase(byte[] utf8, int at, int end) {
        if (at + 1 >= end || utf8[at] != '\'') {
            return at;
        }
        int first = utf8[at + 1] | 0x20;
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return at + 2;
        }
        if (at + 2 < end) {
            int second = utf8[at + 2] | 0x20;
            if ((second == 'e' && (first == 'r' || first == 'v')) || (first == 'l' && second == 'l')) {
                return at + 3;
            }
            if (utf8[at + 1] == (byte) 0xC5 && utf8[at + 2] == (byte) 0xBF) {
                return at + 3;
            }
        }
        return at;
    }
}
