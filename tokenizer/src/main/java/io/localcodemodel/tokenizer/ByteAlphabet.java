package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;

/// The letters with which byte-level vocabularies write bytes as text.
///
/// Printable Latin-1 characters stand for themselves; the other bytes, in order, are written with the characters
/// from U+0100 on: a space is `Ġ`, a line feed is `Ċ` (Radford et al. 2019, `bytes_to_unicode` of GPT-2).
final class ByteAlphabet {

    private static final char[] LETTERS = new char[256];
    private static final short[] BYTES = new short[0x200];

    static {
        java.util.Arrays.fill(BYTES, (short) -1);
        int other = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            LETTERS[b] = (char) (printable ? b : other++);
            BYTES[LETTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /// Returns the letter of a byte, given as 0 to 255.
    static char letter(int value) {
        return LETTERS[value];
    }

    /// Returns the byte, 0 to 255, that a letter stands for, or -1.
    static int value(char letter) {
        return letter < BYTES.length ? BYTES[letter] : -1;
    }

    /// Spells bytes with the alphabet.
    static String spell(byte[] bytes) {
        char[] letters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            letters[i] = LETTERS[bytes[i] & 0xFF];
        }
        return new String(letters);
    }

    /// Returns the bytes that a token spells; none if it holds a character outside the alphabet.
    static byte[] bytesOrNone(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            int value = value(token.charAt(i));
            if (value < 0) {
                return new byte[0];
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /// Returns the bytes that a token spells; a token outside the alphabet stands for its own UTF-8.
    static byte[] bytes(String token) {
        byte[] bytes = bytesOrNone(token);
        return bytes.length > 0 ? bytes : token.getBytes(StandardCharsets.UTF_8);
    }
}
