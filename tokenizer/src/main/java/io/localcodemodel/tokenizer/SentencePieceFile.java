package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a SentencePiece `.model` file: a BPE vocabulary, as Llama 2 and Mistral come with, a unigram vocabulary, as
/// T5, ALBERT and XLM-RoBERTa come with, or one of characters.
///
/// The file is a protocol buffer (`sentencepiece_model.proto`): field 1 is a piece, 2 says how it was trained, 3 how
/// text is normalised. Vocabularies of whole words, and those that write a space after a word rather than before it,
/// are refused. BPE vocabularies are written, too.
public final class SentencePieceFile {

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
        SentencePieces.Algorithm[] algorithms = SentencePieces.Algorithm.values();
        if (settings.modelType < 1
                || settings.modelType > algorithms.length
                || algorithms[settings.modelType - 1] == SentencePieces.Algorithm.WORDS) {
            throw message.refuse(
                    "a model of type unigram (1), BPE (2) or characters (4)", "type " + settings.modelType);
        }
        if (settings.spaceAfterWord || !settings.marksSpaces) {
            throw message.refuse(
                    "spaces written as ▁ before a word",
                    settings.marksSpaces ? "treat_whitespace_as_suffix" : "escape_whitespaces set to false");
        }
        CharacterMap map = settings.characterMap.length == 0 ? null : CharacterMap.read(settings.characterMap);
        if (map == null && settings.characterMap.length > 0) {
            throw message.refuse(
                    "a character map in precompiled_charsmap", settings.characterMap.length + " bytes that are none");
        }
        return new SentencePieces(pieces, file)
                .tokenizer(
                        algorithms[settings.modelType - 1],
                        new SentenceNormalization(map, settings.addPrefixSpace, settings.removeExtraSpaces),
                        new TextBoundaries(
                                settings.beginId < pieces.size() ? settings.beginId : TextBoundaries.NONE,
                                TextBoundaries.NONE));
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
        /// The id of the token before a framed text; there may be none.
        private int beginId = 1;
        private byte[] characterMap = new byte[0];
        private boolean spaceAfterWord;
        private boolean marksSpaces = true;
        private boolean addPrefixSpace = true;
        private boolean removeExtraSpaces = true;

        void readTraining(Message message) throws TokenizerFormatException {
            while (message.next()) {
                switch (message.field) {
                    case 3 -> modelType = message.integer();
                    case 24 -> spaceAfterWord = message.integer() != 0;
                    case 41 -> beginId = Math.max(TextBoundaries.NONE, message.integer());
                    default -> {}
                }
            }
        }

        void readNormalization(Message message) throws TokenizerFormatException {
            while (message.next()) {
                switch (message.field) {
                    case 2 -> characterMap = message.bytes();
                    case 3 -> addPrefixSpace = message.integer() != 0;
                    case 4 -> removeExtraSpaces = message.integer() != 0;
                    case 5 -> marksSpaces = message.integer() != 0;
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

        byte[] bytes() throws TokenizerFormatException {
            requireType(BYTES);
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
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
