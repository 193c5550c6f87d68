package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads and writes the `tokenizer.bin` of llama2.c: a SentencePiece BPE vocabulary reduced to pieces and scores.
///
/// The file begins with the length of the longest piece; each piece is a score, a length and bytes, all little-endian.
/// It does not say what kind a piece is: 0 is the unknown token, 1 and 2 begin and end a text, and `<0x00>` to
/// `<0xFF>` are bytes.
public final class Llama2cFile {

    private static final int BEGIN = 1;
    private static final int END = 2;

    private Llama2cFile() {}

    /// Reads a file.
    ///
    /// @throws TokenizerFormatException if the file is damaged
    /// @throws IOException if it cannot be read
    public static Tokenizer read(Path file) throws IOException {
        return read(Files.readAllBytes(file), file.toString());
    }

    static Tokenizer read(byte[] content, String file) throws TokenizerFormatException {
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        SentencePieces vocabulary = new SentencePieces(pieces, file);
        if (buffer.remaining() < Integer.BYTES) {
            throw vocabulary.refuse(0, "the length of the longest piece", buffer.remaining() + " bytes");
        }
        buffer.getInt();
        while (buffer.hasRemaining()) {
            int id = pieces.size();
            if (buffer.remaining() < Float.BYTES + Integer.BYTES) {
                throw vocabulary.refuse(id, "a score and a length", buffer.remaining() + " bytes");
            }
            float score = buffer.getFloat();
            int length = buffer.getInt();
            if (length < 0 || length > buffer.remaining() || Float.isNaN(score)) {
                throw vocabulary.refuse(
                        id, "a score and at most " + buffer.remaining() + " bytes", score + " and " + length);
            }
            String text = new String(content, buffer.position(), length, StandardCharsets.UTF_8);
            buffer.position(buffer.position() + length);
            pieces.add(piece(id, text, score));
        }
        if (pieces.size() <= END || pieces.size() > Vocabulary.MAXIMUM_SIZE) {
            throw vocabulary.refuse(
                    pieces.size(), "3 to " + Vocabulary.MAXIMUM_SIZE + " pieces", pieces.size() + " pieces");
        }
        return vocabulary.tokenizer(true, new TextBoundaries(BEGIN, TextBoundaries.NONE));
    }

    /// Writes a BPE vocabulary of characters, of which the format keeps pieces and scores.
    ///
    /// @throws IllegalArgumentException if the tokenizer does what such a file cannot say
    /// @throws IOException if the file cannot be written
    public static void write(Tokenizer tokenizer, Path file) throws IOException {
        SafeFiles.write(file, write(tokenizer));
    }

    static byte[] write(Tokenizer tokenizer) {
        SentencePieceVocabulary vocabulary = SentencePieceVocabulary.of(tokenizer);
        requireExpressible(vocabulary);
        List<byte[]> texts = new ArrayList<>();
        int size = Integer.BYTES;
        int longest = 0;
        for (SentencePieces.Piece piece : vocabulary.pieces()) {
            String text = texts.size() == BEGIN || texts.size() == END ? "\n" + piece.text() + "\n" : piece.text();
            byte[] utf8 = text.replace(SentencePieces.SPACE, " ").getBytes(StandardCharsets.UTF_8);
            texts.add(utf8);
            size += Float.BYTES + Integer.BYTES + utf8.length;
            longest = Math.max(longest, utf8.length);
        }
        ByteBuffer buffer =
                ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(longest);
        for (int id = 0; id < texts.size(); id++) {
            buffer.putFloat(vocabulary.pieces().get(id).score())
                    .putInt(texts.get(id).length)
                    .put(texts.get(id));
        }
        return buffer.array();
    }

    private static void requireExpressible(SentencePieceVocabulary vocabulary) {
        List<SentencePieces.Piece> pieces = vocabulary.pieces();
        boolean usual = vocabulary.addPrefixSpace()
                && vocabulary.boundaries().withoutEnd().begin() == BEGIN
                && pieces.size() > END;
        for (int id = 0; usual && id < pieces.size(); id++) {
            SentencePieces.Kind kind = pieces.get(id).kind();
            usual = switch (kind) {
                case UNKNOWN -> id == 0;
                case CONTROL -> id == BEGIN || id == END;
                case NORMAL, BYTE -> id > END && !pieces.get(id).text().contains(" ");
                case USER_DEFINED, UNUSED -> false;
            };
        }
        if (!usual) {
            throw new IllegalArgumentException(
                    "A llama2.c vocabulary puts a space before a text, has the unknown token and those that begin and"
                            + " end a text at 0, 1 and 2, and no other special ones; save this one as tokenizer.json");
        }
    }

    private static SentencePieces.Piece piece(int id, String text, float score) {
        if (id <= END) {
            // the names of the two are written with line feeds around them
            return new SentencePieces.Piece(
                    text.strip(), score, id == 0 ? SentencePieces.Kind.UNKNOWN : SentencePieces.Kind.CONTROL);
        }
        boolean isByte = ByteFallbackDecoder.value(text) >= 0;
        return new SentencePieces.Piece(
                isByte ? text : text.replace(" ", SentencePieces.SPACE),
                score,
                isByte ? SentencePieces.Kind.BYTE : SentencePieces.Kind.NORMAL);
    }
}
