package io.localcodemodel.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The compiled normalisation rules of SentencePiece: which strings become which.
///
/// The bytes are the length of a trie, the trie, and the replacements, each ended by a zero byte. The trie is the
/// double array of Yata's darts-clone: a unit of 32 bits has a label in bits 0 to 7 and 31, says in bit 8 whether a
/// string ends there, and leads to its children with the offset in bits 10 to 30, shifted by 8 if bit 9 is set; a unit
/// that is a value has it in bits 0 to 30.
///
/// What the units point at is checked when it is followed, so a damaged map finds less, and nothing else.
final class CharacterMap {

    /// A search ends after so many strings, as in the reference.
    private static final int MOST_MATCHES = 32;

    private static final long NONE = -1;

    private final byte[] bytes;
    private final int[] units;
    private final byte[] replacements;

    private CharacterMap(byte[] bytes, int[] units, byte[] replacements) {
        this.bytes = bytes;
        this.units = units;
        this.replacements = replacements;
    }

    /// Reads a map; returns null if the bytes are none.
    static @Nullable CharacterMap read(byte[] bytes) {
        if (bytes.length < Integer.BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int length = buffer.getInt();
        if (length <= 0 || length % Integer.BYTES != 0 || length > buffer.remaining()) {
            return null;
        }
        int[] units = new int[length / Integer.BYTES];
        buffer.asIntBuffer().get(units);
        byte[] replacements = Arrays.copyOfRange(bytes, Integer.BYTES + length, bytes.length);
        return Utf8.isWellFormed(replacements, 0, replacements.length)
                ? new CharacterMap(bytes.clone(), units, replacements)
                : null;
    }

    /// Returns the bytes that the map was read from, which must not be written to.
    byte[] bytes() {
        return bytes;
    }

    /// Finds the shortest string of the map that the bytes `from` to `to` begin with.
    ///
    /// @return a match for [#end] and [#append], or a negative number
    long shortest(byte[] utf8, int from, int to) {
        return search(utf8, from, to, 1);
    }

    /// Finds the longest string of the map that the bytes `from` to `to` begin with.
    ///
    /// @return a match for [#end] and [#append], or a negative number
    long longest(byte[] utf8, int from, int to) {
        return search(utf8, from, to, MOST_MATCHES);
    }

    private long search(byte[] utf8, int from, int to, int most) {
        long found = NONE;
        int matches = 0;
        int place = offset(units[0]);
        for (int at = from; at < to && matches < most; ) {
            int value = utf8[at++] & 0xFF;
            place ^= value;
            if (value == 0 || place >= units.length || (units[place] & 0x800000FF) != value) {
                break;
            }
            int unit = units[place];
            place ^= offset(unit);
            if ((unit >>> 8 & 1) == 1) {
                matches++;
                boolean whole = at == utf8.length || !Utf8.isContinuation(utf8[at]);
                int replacement = place < units.length ? units[place] & Integer.MAX_VALUE : replacements.length;
                if (whole && replacement < replacements.length && !Utf8.isContinuation(replacements[replacement])) {
                    found = (long) at << Integer.SIZE | replacement;
                }
            }
        }
        return found;
    }

    private static int offset(int unit) {
        // bits that are shifted out belong to no array that fits into memory
        return (unit >>> 10) << ((unit >>> 6) & 8) & Integer.MAX_VALUE;
    }

    /// Returns where the string that was found ends in the text.
    static int end(long match) {
        return (int) (match >>> Integer.SIZE);
    }

    /// Appends what stands in the place of the string that was found.
    void append(Text.Builder builder, long match, int from, int to) {
        int start = (int) match;
        int end = start;
        while (end < replacements.length && replacements[end] != 0) {
            end++;
        }
        builder.append(replacements, start, end, from, to);
    }
}
