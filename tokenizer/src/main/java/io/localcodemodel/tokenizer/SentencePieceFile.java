package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads and writes the BPE vocabulary of a SentencePiece `.model` file, as Llama 2 and Mistral come with.
///
/// The file is a protocol buffer (`sentencepiece_model.proto`): field 1 is a piece, 2 says how it was trained, 3 how
/// text is normalised. Unigram models and normalisation other than `identity` are refused.
public final class SentencePieceFile {

    private static final int BPE = 2;

    private SentencePieceFile() {}

    /// Reads a file.
    ///
    /// @throws TokenizerFormatException if the file is damaged or of another kind
    /// @throws IOException if it cannot be read
    public static Tokenizer read(Path file) throws IOException {
        return read(Files.readAllBytes(file), file.toString());
    }

    /// Writes a BPE vocabulary of characters. The scores are the ranks, so that reading gives the same tokenizer.
    ///
    /// @throws IllegalArgumentException if the tokenizer does what such a file cannot say
    /// @throws IOException if the file cannot be written
    public static void write(Tokenizer tokenizer, Path file) throws IOException {
        SafeFiles.write(file, SentencePieceWriter.write(tokenizer));
    }

    static Tokenizer read(byte[] content, String file) throws TokenizerFormatException {
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        Settings settings = new Settings();
        Message message = new Message(ByteBuffer.wrap(content), file);
        while (message.next()) {
            switch (message.field) {
                case 1 -> pieces.add(piece(message.message(), pieces.size()));
                case 2 -> settings.readTraining(message.message());
                case 3 -> settings.readNormalization(message.message());
                default -> {}
            }
        }
        if (pieces.isEmpty() || pieces.size() > Vocabulary.MAXIMUM_SIZE) {
            throw message.refuse("1 to " + Vocabulary.MAXIMUM_SIZE + " pieces", pieces.size() + " pieces");
        }
        if (settings.modelType != BPE) {
            throw message.refuse("a model of type BPE (2)", "type " + settings.modelType);
        }
        if (!settings.normalization.equals("identity") || settings.removeExtraSpaces) {
            throw message.refuse(
                    "normalisation \"identity\" that keeps spaces",
                    '"' + settings.normalization + "\", which removes extra spaces: " + settings.removeExtraSpaces);
        }
        return new SentencePieces(pieces, file).tokenizer(settings.addPrefixSpace, settings.beginId);
    }

    private static SentencePieces.Piece piece(Message message, int id) throws TokenizerFormatException {
        String text = "";
        float score = 0;
        int kind = 1;
        while (message.next()) {
            switch (message.field) {
                case 1 -> text = message.string();
                case 2 -> score = message.number();
                case 3 -> kind = message.integer();
                default -> {}
            }
        }
        SentencePieces.Kind[] kinds = SentencePieces.Kind.values();
        if (kind < 1 || kind > kinds.length || Float.isNaN(score)) {
            throw message.refuse("a piece with a type from 1 to 6 and a score", "piece " + id + " of type " + kind);
        }
        return new SentencePieces.Piece(text, score, kinds[kind - 1]);
    }

    /// What the file says beside its pieces; the values are those that stand for a missing field.
    private static final class Settings {

        private int modelType = 1;
        private int beginId = 1;
        private String normalization = "";
        private boolean addPrefixSpace = true;
        private boolean removeExtraSpaces = true;

        void readTraining(Message message) throws TokenizerFormatException {
            while (message.next()) {
                switch (message.field) {
                    case 3 -> modelType = message.integer();
                    case 41 -> beginId = message.integer();
                    default -> {}
                }
            }
        }

        void readNormalization(Message message) throws TokenizerFormatException {
            while (message.next()) {
                switch (message.field) {
                    case 1 -> normalization = message.string();
                    case 3 -> addPrefixSpace = message.integer() != 0;
                    case 4 -> removeExtraSpaces = message.integer() != 0;
                    default -> {}
                }
            }
        }
    }

    /// The fields of a protocol buffer message, one after the other.
    private static final class Message {

        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int BYTES = 2;
        private static final int FIXED32 = 5;

        private final ByteBuffer buffer;
        private final String file;
        private int field;
        private int wireType;
        private long value;
        private ByteBuffer bytes = ByteBuffer.allocate(0);

        Message(ByteBuffer buffer, String file) {
            this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
            this.file = file;
        }

        /// Reads the next field, and says whether there is one.
        boolean next() throws TokenizerFormatException {
            if (!buffer.hasRemaining()) {
                return false;
            }
            long tag = varint();
            field = (int) (tag >>> 3);
            wireType = (int) tag & 7;
            switch (wireType) {
                case VARINT -> value = varint();
                case FIXED32 -> {
                    require(Integer.BYTES);
                    value = buffer.getInt();
                }
                case FIXED64 -> {
                    require(Long.BYTES);
                    value = buffer.getLong();
                }
                case BYTES -> {
                    long length = varint();
                    require(length);
                    bytes = buffer.slice(buffer.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
                    buffer.position(buffer.position() + (int) length);
                }
                default -> throw refuse("a field of wire type 0, 1, 2 or 5", "type " + wireType);
            }
            return true;
        }

        private long varint() throws TokenizerFormatException {
            long result = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                require(1);
                byte part = buffer.get();
                result |= (part & 0x7FL) << shift;
                if (part >= 0) {
                    return result;
                }
            }
            throw refuse("an integer of at most 10 bytes", "more");
        }

        private void require(long length) throws TokenizerFormatException {
            if (length < 0 || length > buffer.remaining()) {
                throw refuse(length + " more bytes", buffer.remaining() + " bytes before the end");
            }
        }

        private void requireType(int type) throws TokenizerFormatException {
            if (wireType != type) {
                throw refuse("wire type " + type, "type " + wireType);
            }
        }

        int integer() throws TokenizerFormatException {
            requireType(VARINT);
            return (int) value;
        }

        float number() throws TokenizerFormatException {
            requireType(FIXED32);
            return Float.intBitsToFloat((int) value);
        }

        String string() throws TokenizerFormatException {
            requireType(BYTES);
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        Message message() throws TokenizerFormatException {
            requireType(BYTES);
            return new Message(bytes, file);
        }

        TokenizerFormatException refuse(String expected, String found) {
            return new TokenizerFormatException(
                    file, "field " + field, expected, found, "Check that the file is whole and a SentencePiece model.");
        }
    }
}
