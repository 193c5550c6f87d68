package io.localcodemodel.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The pieces that the hand-written scanners share.
final class Scans {

    private static final byte[] ASCII = CharacterClasses.ASCII;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SPACES = 0x2020202020202020L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Scans() {}

    /// Returns the end of the run of letters from `at` on.
    static int letters(byte[] utf8, int at, int end) {
        int i = asciiLetters(utf8, at, end);
        return i < end && utf8[i] < 0 ? lettersOneByOne(utf8, i, end) : i;
    }

    private static int lettersOneByOne(byte[] utf8, int at, int end) {
        int i = at;
        while (i < end && CharacterClasses.at(utf8, i) >= CharacterClasses.UPPER) {
            i += Utf8.length(utf8[i]);
        }
        return i;
    }

    /// Returns the end of the run of ASCII letters from `at` on.
    ///
    /// Eight bytes at a time: where the run ends is then counted rather than branched on, and a processor cannot
    /// predict the length of a word.
    static int asciiLetters(byte[] utf8, int at, int end) {
        int lastLong = Math.min(end - 1, utf8.length - 8);
        int i = at;
        while (i <= lastLong) {
            long bytes = (long) LONGS.get(utf8, i);
            long folded = (bytes | SPACES) & ~HIGH_BITS;
            // the high bit of each byte: at least 'a', and not beyond 'z', and ASCII
            long letters = (folded + 0x1F1F1F1F1F1F1F1FL) & ~(folded + 0x0505050505050505L) & ~bytes & HIGH_BITS;
            long others = letters ^ HIGH_BITS;
            if (others != 0) {
                return Math.min(end, i + (Long.numberOfTrailingZeros(others) >>> 3));
            }
            i += 8;
        }
        while (i < end && utf8[i] >= 0 && ASCII[utf8[i]] >= CharacterClasses.UPPER) {
            i++;
        }
        return Math.min(i, end);
    }

    /// Returns the end of the run of spaces (U+0020) from `at` on.
    private static int spaces(byte[] utf8, int at, int end) {
        int lastLong = Math.min(end - 1, utf8.length - 8);
        int i = at;
        while (i <= lastLong) {
            long others = (long) LONGS.get(utf8, i) ^ SPACES;
            if (others != 0) {
                return Math.min(end, i + (Long.numberOfTrailingZeros(others) >>> 3));
            }
            i += 8;
        }
        while (i < end && utf8[i] == ' ') {
            i++;
        }
        return Math.min(i, end);
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
                if (ASCII[c] > CharacterClasses.PUNCTUATION) {
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
        return kind <= CharacterClasses.PUNCTUATION || kind == CharacterClasses.MARK;
    }

    /// Returns the end of the run of white space.
    static int whiteSpace(byte[] utf8, int at, int end) {
        int i = spaces(utf8, at, end);
        while (i < end && CharacterClasses.isWhiteSpace(CharacterClasses.at(utf8, i))) {
            i = spaces(utf8, i + Utf8.length(utf8[i]), end);
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
        int afterLine = at;
        int i = spaces(utf8, at, end);
        while (i < end) {
            byte kind = CharacterClasses.at(utf8, i);
            if (kind == CharacterClasses.NEWLINE) {
                afterLine = i + 1;
            } else if (kind != CharacterClasses.SPACE) {
                break;
            }
            i = spaces(utf8, i + Utf8.length(utf8[i]), end);
        }
        return afterLine > at ? afterLine : whiteSpaceMatch(utf8, at, i, end);
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
