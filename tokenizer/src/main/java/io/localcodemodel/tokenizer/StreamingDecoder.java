package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Decodes tokens as they come, and holds back the bytes of a character until it is whole.
///
/// What [#add] and [#finish] return, put together, equals [Tokenizer#decode] of all the tokens. One decoder serves
/// one text at a time and one thread.
public final class StreamingDecoder {

    private static final int LONGEST_CHARACTER = 4;

    private static final byte SURROGATE_LEAD = (byte) 0xED;

    private final Tokenizer tokenizer;
    private byte[] pending = new byte[0];
    private boolean first = true;

    StreamingDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// Takes the next token and returns the text that has become certain, which may be empty.
    ///
    /// @throws IndexOutOfBoundsException if the id is not in the vocabulary
    public String add(int id) {
        byte[] piece = tokenizer.decoded().piece(id, first);
        first = tokenizer.decoded().goesOn(id);
        byte[] bytes = piece;
        if (pending.length > 0) {
            bytes = Arrays.copyOf(pending, pending.length + piece.length);
            System.arraycopy(piece, 0, bytes, pending.length, piece.length);
        }
        int complete = completeLength(bytes);
        pending = Arrays.copyOfRange(bytes, complete, bytes.length);
        return new String(bytes, 0, complete, StandardCharsets.UTF_8);
    }

    /// Returns what stands for bytes that have not become a character, which what comes next does not go on with: there was
    /// something else between. The text itself goes on.
    public String endCharacter() {
        String rest = new String(pending, StandardCharsets.UTF_8);
        pending = new byte[0];
        return rest;
    }

    /// Ends the text, and returns what stands for bytes that never became a character.
    public String finish() {
        first = true;
        return endCharacter();
    }

    /// Returns how many bytes are sure not to change their meaning, whatever follows: all but the beginning of a
    /// character at the end.
    private static int completeLength(byte[] bytes) {
        for (int back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
            int at = bytes.length - back;
            if (!Utf8.isContinuation(bytes[at])) {
                if (bytes[at] == SURROGATE_LEAD && back == 2) {
                    // Half of a surrogate in three bytes is malformed, but Java decodes all three to one replacement.
                    return at;
                }
                return Utf8.wellFormedLength(bytes, at, bytes.length) < 0 ? at : bytes.length;
            }
        }
        return bytes.length;
    }
}
