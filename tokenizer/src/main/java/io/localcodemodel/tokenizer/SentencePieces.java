package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/// A vocabulary as SentencePiece keeps it: pieces with scores. Spaces are written `▁`.
///
/// In a BPE vocabulary, any two neighbours that together spell a piece may be merged, those with the highest score
/// first. In a unigram vocabulary, scores are logarithms of probabilities. A vocabulary of characters has no merges.
final class SentencePieces {

    static final String SPACE = "▁";

    /// What a piece is; the numbers are those of the file.
    enum Kind {
        NORMAL(1),
        UNKNOWN(2),
        CONTROL(3),
        USER_DEFINED(4),
        UNUSED(5),
        BYTE(6);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /// One piece.
    record Piece(String text, float score, Kind kind) {}

    /// A piece of `n` bytes is cut in `n` ways, and compared with each place of a text, so the limit keeps a hostile
    /// file from taking long.
    static final int LONGEST_PIECE = 512;

    private final List<Piece> pieces;
    private final String file;

    SentencePieces(List<Piece> pieces, String file) {
        this.pieces = pieces;
        this.file = file;
    }

    /// How a vocabulary spells; the numbers are those of the file, where 3, whole words, is not supported.
    enum Algorithm {
        UNIGRAM,
        BPE,
        WORDS,
        CHARACTERS
    }

    /// Returns the tokenizer of a BPE vocabulary whose text is not normalised.
    ///
    /// @param addPrefixSpace whether a space is put before a text
    /// @param boundaries what is put around a framed text
    Tokenizer tokenizer(boolean addPrefixSpace, TextBoundaries boundaries) throws TokenizerFormatException {
        return tokenizer(Algorithm.BPE, new SentenceNormalization(null, addPrefixSpace, false), boundaries);
    }

    /// Returns the tokenizer.
    ///
    /// @param boundaries what is put around a framed text
    Tokenizer tokenizer(Algorithm algorithm, SentenceNormalization normalization, TextBoundaries boundaries)
            throws TokenizerFormatException {
        Tokenizer.Builder builder = Tokenizer.builder()
                .normalizer(normalization.normalizer())
                .model(algorithm == Algorithm.UNIGRAM ? unigram(normalization) : bpe(algorithm, normalization))
                .decoder(normalization.decoder())
                .postProcessor(boundaries.postProcessor(id -> pieces.get(id).text()));
        for (int id = 0; id < pieces.size(); id++) {
            Kind kind = pieces.get(id).kind();
            // a model finds user-defined pieces by itself, in the normalised text; but marks of gaps are no text
            boolean mark = kind == Kind.USER_DEFINED
                    && InfillFamily.isMark(pieces.get(id).text());
            if (kind == Kind.CONTROL || kind == Kind.UNKNOWN || mark) {
                builder.addedToken(new AddedToken(pieces.get(id).text(), id, false, false, false, false, !mark));
            }
        }
        return builder.build();
    }

    private Unigram unigram(SentenceNormalization normalization) throws TokenizerFormatException {
        List<String> texts = new ArrayList<>(pieces.size());
        double[] scores = new double[pieces.size()];
        BitSet hidden = new BitSet(pieces.size());
        float worst = Float.MAX_VALUE;
        float best = Float.MIN_NORMAL;
        int unknown = Unigram.NONE;
        boolean byteFallback = false;
        for (int id = 0; id < scores.length; id++) {
            boolean unused = pieces.get(id).kind() == Kind.UNUSED;
            Piece piece = unused ? pieces.get(id) : checked(id);
            // no text becomes an unused piece: it is an id without a token
            texts.add(unused ? "" : piece.text());
            scores[id] = unused ? 0 : piece.score();
            switch (piece.kind()) {
                case NORMAL -> {
                    worst = Math.min(worst, piece.score());
                    best = Math.max(best, piece.score());
                }
                case USER_DEFINED -> requireUnchanged(id, normalization);
                case UNKNOWN -> unknown = id;
                case CONTROL, UNUSED -> {}
                case BYTE -> byteFallback = true;
            }
            if (piece.kind() != Kind.NORMAL && piece.kind() != Kind.USER_DEFINED) {
                hidden.set(id);
            }
        }
        for (int id = 0; id < scores.length; id++) {
            if (pieces.get(id).kind() == Kind.USER_DEFINED) {
                // better than any other way to spell the same text
                scores[id] = texts.get(id).getBytes(StandardCharsets.UTF_8).length * best - 0.1;
            }
        }
        return new Unigram(Vocabulary.withGaps(texts), scores, worst, unknown, byteFallback, hidden, true);
    }

    /// SentencePiece finds user-defined pieces before it rewrites a text, and again after it; here they are found after it.
    private void requireUnchanged(int id, SentenceNormalization normalization) throws TokenizerFormatException {
        String piece = pieces.get(id).text();
        if (normalization.changes(piece)) {
            throw refuse(id, "a user-defined piece that normalisation leaves as it is", JsonFields.describe(piece));
        }
    }

    private Piece checked(int id) throws TokenizerFormatException {
        Piece piece = pieces.get(id);
        int length = piece.text().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > LONGEST_PIECE) {
            throw refuse(id, "a piece of 1 to " + LONGEST_PIECE + " bytes", length + " bytes");
        }
        return piece;
    }

    private CharacterBpe bpe(Algorithm algorithm, SentenceNormalization normalization) throws TokenizerFormatException {
        List<byte[]> bytes = new ArrayList<>(pieces.size());
        List<String> texts = new ArrayList<>(pieces.size());
        List<Integer> mergedIds = new ArrayList<>();
        BitSet defined = new BitSet();
        BitSet unused = new BitSet();
        String unknown = null;
        boolean byteFallback = false;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = checked(id);
            byte[] utf8 = piece.text().getBytes(StandardCharsets.UTF_8);
            boolean merged = piece.kind() == Kind.NORMAL || piece.kind() == Kind.UNUSED;
            texts.add(piece.text());
            bytes.add(merged ? utf8 : new byte[0]);
            if (merged) {
                mergedIds.add(id);
            }
            if (piece.kind() == Kind.UNUSED) {
                unused.set(id);
            }
            if (piece.kind() == Kind.USER_DEFINED) {
                requireUnchanged(id, normalization);
                defined.set(id);
            }
            byteFallback |= piece.kind() == Kind.BYTE;
            unknown = piece.kind() == Kind.UNKNOWN ? piece.text() : unknown;
        }
        MergeTable merges =
                algorithm == Algorithm.CHARACTERS ? new MergeTable.Builder(0).build() : merges(bytes, mergedIds);
        return new CharacterBpe(
                Vocabulary.withGaps(texts),
                merges,
                new MergingModel.Settings(unknown, true, byteFallback, false),
                defined,
                unused);
    }

    private MergeTable merges(List<byte[]> bytes, List<Integer> merged) throws TokenizerFormatException {
        List<Integer> byScore = new ArrayList<>(merged);
        byScore.sort(Comparator.comparingDouble((Integer id) -> -pieces.get(id).score()));
        TokenBytes table = new TokenBytes(bytes);
        MergeTable.Builder merges = new MergeTable.Builder(pieces.size());
        for (int rank = 0; rank < byScore.size(); rank++) {
            int id = byScore.get(rank);
            merges.addCuts(bytes.get(id), table, rank, id);
        }
        if (merges.size() == 0) {
            throw refuse(0, "a BPE vocabulary", "pieces of which none is made of two others");
        }
        return merges.build();
    }

    TokenizerFormatException refuse(int piece, String expected, String found) {
        return new TokenizerFormatException(
                file, "piece " + piece, expected, found, "Check that the file is whole and of this kind.");
    }

    /// Why a tokenizer is not written: whoever reads such pieces refuses them.
    static IllegalArgumentException cannotHold(TokenizerFormatException refused) {
        return new IllegalArgumentException(
                "A SentencePiece or GGUF vocabulary cannot hold this tokenizer: its pieces would be refused when they"
                        + " are read (see the cause). Save it as tokenizer.json, or the model as a folder",
                refused);
    }
}
