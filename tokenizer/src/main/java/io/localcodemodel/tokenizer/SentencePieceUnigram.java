package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A tokenizer seen as a unigram vocabulary of SentencePiece, for the file that holds such. One that does what such a file
/// cannot say is refused.
///
/// @param pieces the pieces in the order of their ids
/// @param normalization how a text is rewritten first
/// @param boundaries what is put around a framed text
record SentencePieceUnigram(
        List<SentencePieces.Piece> pieces, SentenceNormalization normalization, TextBoundaries boundaries) {

    /// @throws IllegalArgumentException if the tokenizer does what such a vocabulary cannot
    static SentencePieceUnigram of(Tokenizer tokenizer) {
        Unigram model = (Unigram) tokenizer.model();
        SentenceNormalization normalization = SentenceNormalization.of(tokenizer.normalizer())
                .orElseThrow(() -> new IllegalArgumentException("A SentencePiece file cannot say how this tokenizer"
                        + " rewrites texts before it spells them: save it as tokenizer.json"));
        SentencePieceUnigram vocabulary = new SentencePieceUnigram(
                pieces(tokenizer, model), normalization, SentencePieceVocabulary.boundaries(tokenizer));
        vocabulary.requireSame(tokenizer, model);
        return vocabulary;
    }

    private static List<SentencePieces.Piece> pieces(Tokenizer tokenizer, Unigram model) {
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            SentencePieces.Kind kind = kind(tokenizer, model, id);
            double score = id < model.vocabularySize() ? model.scores()[id] : 0;
            pieces.add(new SentencePieces.Piece(
                    tokenizer.token(id), kind == SentencePieces.Kind.USER_DEFINED ? 0 : (float) score, kind));
        }
        return pieces;
    }

    private static SentencePieces.Kind kind(Tokenizer tokenizer, Unigram model, int id) {
        int value = ByteFallbackDecoder.value(tokenizer.token(id));
        if (tokenizer.token(id).isEmpty()) {
            return SentencePieces.Kind.UNUSED;
        }
        if (id == model.unknownId()) {
            return SentencePieces.Kind.UNKNOWN;
        }
        if (tokenizer.isSpecial(id)) {
            return SentencePieces.Kind.CONTROL;
        }
        if (value >= 0 && model.byteId((byte) value) == id) {
            return SentencePieces.Kind.BYTE;
        }
        // the scores of a file are of single precision; only those made for user-defined pieces are not
        boolean made = id < model.vocabularySize() && (float) model.scores()[id] != model.scores()[id];
        return made ? SentencePieces.Kind.USER_DEFINED : SentencePieces.Kind.NORMAL;
    }

    /// Refuses a tokenizer that would not be the same after it was written and read.
    private void requireSame(Tokenizer tokenizer, Unigram model) {
        Tokenizer read;
        try {
            read = new SentencePieces(pieces, "the vocabulary")
                    .tokenizer(SentencePieces.Algorithm.UNIGRAM, normalization, boundaries);
        } catch (TokenizerFormatException e) {
            throw SentencePieces.cannotHold(e);
        }
        List<String> different = new ArrayList<>();
        if (!read.model().json().equals(model.json())
                || ((Unigram) read.model()).unknownScore() != model.unknownScore()) {
            different.add("its scores are not of single precision, or the worst is that of no text");
        }
        if (tokenizer.splitter().isPresent()) {
            different.add("it cuts texts");
        }
        if (!read.addedTokens().equals(tokenizer.addedTokens())) {
            different.add("its added tokens have flags of their own");
        }
        if (!Objects.equals(read.decoder().map(Stage::json), tokenizer.decoder().map(Stage::json))) {
            different.add("it decodes otherwise");
        }
        if (!different.isEmpty()) {
            throw new IllegalArgumentException("A SentencePiece file cannot say what this tokenizer does: "
                    + String.join("; ", different) + ". Save it as tokenizer.json");
        }
    }
}
