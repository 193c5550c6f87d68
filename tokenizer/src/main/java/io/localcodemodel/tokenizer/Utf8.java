package io.localcodemodel.tokenizer;

/// UTF-8 by hand: what the pipeline needs to walk over bytes without making strings.
///
/// Except in [#isWellFormed], the bytes are taken to be well-formed.
final class Utf8 {

    private Utf8() {}

    static boolean isContinuation(byte value) {
        return (value & 0xC0) == 0x80;
    }

    /// Returns the number of bytes of the character that begins with `lead`.
    static int length(byte lead) {
        int value = lead & 0xFF;
        return value < 0x80 ? 1 : value < 0xE0 ? 2 : value < 0xF0 ? 3 : 4;
    }

    /// Returns the code point that begins at `at`.
    static int decode(byte[] utf8, int at) {
        int lead = utf8[at];
        if (lead >= 0) {
            return lead;
        }
        int second = utf8[at + 1] & 0x3F;
        if ((lead & 0xE0) == 0xC0) {
            return (lead & 0x1F) << 6 | second;
        }
        int third = utf8[at + 2] & 0x3F;
        if ((lead & 0xF0) == 0xE0) {
            return (lead & 0x0F) << 12 | second << 6 | third;
        }
        return (lead & 0x07) << 18 | second << 12 | third << 6 | (utf8[at + 3] & 0x3F);
    }

    /// Returns where the character before `at` begins.
    static int before(byte[] utf8, int at) {
        int start = at - 1;
        while (isContinuation(utf8[start])) {
            start--;
        }
        return start;
    }

    /// Writes a code point and returns the number of bytes it took.
    static int encode(int codePoint, byte[] into, int at) {
        if (codePoint < 0x80) {
            into[at] = (byte) codePoint;
            return 1;
        }
        if (codePoint < 0x800) {
            into[at] = (byte) (0xC0 | codePoint >> 6);
            into[at + 1] = (byte) (0x80 | (codePoint & 0x3F));
            return 2;
        }
        if (codePoint < 0x10000) {
            into[at] = (byte) (0xE0 | codePoint >> 12);
            into[at + 1] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
            into[at + 2] = (byte) (0x80 | (codePoint & 0x3F));
            return 3;
        }
        into[at] = (byte) (0xF0 | codePoint >> 18);
        into[at + 1] = (byte) (0x80 | (codePoint >> 12 & 0x3F));
        into[at + 2] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
        into[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
        return 4;
    }

    /// Returns the place that lies a number of UTF-16 units after `at`.
    static int advance(byte[] utf8, int at, int characters) {
        int i = at;
        for (int left = characters; left > 0; ) {
            int length = length(utf8[i]);
            i += length;
            left -= length == 4 ? 2 : 1;
        }
        return i;
    }

    /// Returns how many UTF-16 units the bytes `from` to `to` spell.
    static int characters(byte[] utf8, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            int value = utf8[i];
            // each lead byte is one unit, that of a four-byte character two; continuation bytes are -128..-65
            count += (value > -65 ? 1 : 0) + (value >= -16 && value < 0 ? 1 : 0);
        }
        return count;
    }

    /// Whether a string holds half a surrogate pair, which UTF-8 cannot write.
    static boolean hasLoneSurrogate(String source) {
        int length = source.length();
        for (int i = 0; i < length; i++) {
            char c = source.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c) || i + 1 == length || !Character.isLowSurrogate(source.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /// Whether all bytes are ASCII.
    static boolean isAscii(byte[] utf8, int from, int to) {
        int any = 0;
        for (int i = from; i < to; i++) {
            any |= utf8[i];
        }
        return any >= 0;
    }

    /// Whether the bytes are well-formed UTF-8: shortest forms, no surrogates, nothing above U+10FFFF.
    static boolean isWellFormed(byte[] utf8, int from, int to) {
        int at = from;
        while (at < to) {
            if (utf8[at] >= 0) {
                at++;
                continue;
            }
            int length = wellFormedLength(utf8, at, to);
            if (length <= 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /// Returns the length of the character at `at`; 0 if it is malformed; negative if it is cut off by `to`.
    static int wellFormedLength(byte[] utf8, int at, int to) {
        int lead = utf8[at] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xC2 || lead > 0xF4) {
            return 0;
        }
        int length = length((byte) lead);
        // Unicode standard, table 3-7: the second byte is narrower after E0, ED, F0 and F4
        int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        for (int i = 1; i < length; i++) {
            if (at + i >= to) {
                return -1;
            }
            int value = utf8[at + i] & 0xFF;
            if (value < low || value > high) {
                return 0;
            }
            low = 0x80;
            high = 0xBF;
        }
        return length;
    }

    /// Finds places in the source for byte indexes that lie near each other: counts from the last one.
    static final class SourceCursor {

        /// In bytes: further away the text's own marks are nearer.
        private static final int NEAR = 256;

        private final Text text;
        private int index;
        private int character;

        SourceCursor(Text text) {
            this.text = text;
            this.character = text.sourceStart(0);
        }

        /// Returns what [Text#sourceStart(int)] does.
        int start(int at) {
            if (!text.untouched()) {
                return text.sourceStart(at);
            }
            int start = at;
            while (start > 0 && start < text.length() && isContinuation(text.utf8()[start])) {
                start--;
            }
            return count(start);
        }

        /// Returns what [Text#sourceEnd(int)] does.
        int end(int at) {
            if (!text.untouched()) {
                return text.sourceEnd(at);
            }
            int end = at;
            while (end < text.length() && isContinuation(text.utf8()[end])) {
                end++;
            }
            return count(end);
        }

        private int count(int at) {
            if (Math.abs(at - index) > NEAR) {
                character = text.sourceStart(at);
            } else if (at >= index) {
                character += characters(text.utf8(), index, at);
            } else {
                character -= characters(text.utf8(), at, index);
            }
            index = at;
            return character;
        }
    }
}
