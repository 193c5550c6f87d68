package io.localcodemodel.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes the protocol buffer of a SentencePiece `.model` file; see [SentencePieceFile].
final class SentencePieceWriter {

    private static final int UNIGRAM = 1;
    private static final int BPE = 2;
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private SentencePieceWriter() {}

    static byte[] write(Tokenizer tokenizer) {
        return tokenizer.model() instanceof Unigram
                ? write(tokenizer, SentencePieceUnigram.of(tokenizer))
                : write(tokenizer, SentencePieceVocabulary.of(tokenizer));
    }

    private static byte[] write(Tokenizer tokenizer, SentencePieceVocabulary vocabulary) {
        SentenceNormalization normalization = new SentenceNormalization(null, vocabulary.addPrefixSpace(), false);
        return write(tokenizer, BPE, vocabulary.pieces(), normalization, vocabulary.boundaries());
    }

    private static byte[] write(Tokenizer tokenizer, SentencePieceUnigram vocabulary) {
        return write(tokenizer, UNIGRAM, vocabulary.pieces(), vocabulary.normalization(), vocabulary.boundaries());
    }

    private static byte[] write(
            Tokenizer tokenizer,
            int algorithm,
            List<SentencePieces.Piece> pieces,
            SentenceNormalization normalization,
            TextBoundaries boundaries) {
        SentencePieceWriter model = new SentencePieceWriter();
        for (SentencePieces.Piece piece : pieces) {
            SentencePieceWriter message = new SentencePieceWriter();
            message.string(1, piece.text());
            message.number(2, piece.score());
            if (piece.kind() != SentencePieces.Kind.NORMAL) {
                message.integer(3, piece.kind().number());
            }
            model.bytes(1, message.out.toByteArray());
        }
        model.bytes(
                2,
                training(tokenizer, algorithm, pieces, boundaries.withoutEnd().begin()));
        SentencePieceWriter message = new SentencePieceWriter();
        if (normalization.map() == null) {
            message.string(1, "identity");
        } else {
            message.string(1, "user_defined");
            message.bytes(2, normalization.map().bytes());
        }
        message.integer(3, normalization.addPrefixSpace() ? 1 : 0);
        message.integer(4, normalization.removeExtraSpaces() ? 1 : 0);
        message.integer(5, 1);
        model.bytes(3, message.out.toByteArray());
        return model.out.toByteArray();
    }

    /// The fields of `TrainerSpec` by which readers find the special pieces.
    private static byte[] training(Tokenizer tokenizer, int algorithm, List<SentencePieces.Piece> pieces, int beginId) {
        SentencePieceWriter message = new SentencePieceWriter();
        message.integer(3, algorithm);
        message.integer(4, pieces.size());
        List<SentencePieces.Kind> kinds =
                pieces.stream().map(SentencePieces.Piece::kind).toList();
        message.integer(35, kinds.contains(SentencePieces.Kind.BYTE) ? 1 : 0);
        message.integer(40, Math.max(0, kinds.indexOf(SentencePieces.Kind.UNKNOWN)));
        message.integer(41, beginId);
        message.integer(42, tokenizer.endOfText().orElse(-1));
        message.integer(43, tokenizer.special(SpecialRole.PADDING).orElse(-1));
        return message.out.toByteArray();
    }

    private void tag(int field, int wireType) {
        varint(field << 3 | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private void integer(int field, int value) {
        tag(field, VARINT);
        // negative numbers are written with the sign bits of a long
        varint(value);
    }

    private void number(int field, float value) {
        tag(field, FIXED32);
        out.writeBytes(ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
    }

    private void string(int field, String text) {
        bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(int field, byte[] content) {
        tag(field, BYTES);
        varint(content.length);
        out.writeBytes(content);
    }
}
