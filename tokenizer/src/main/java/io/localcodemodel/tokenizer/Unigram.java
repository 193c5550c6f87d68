package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A unigram language model: of all ways to spell a text with pieces, the one whose scores (logarithms of
/// probabilities) have the highest sum.
///
/// The best way is found by Viterbi's algorithm from left to right. A character that no piece spells costs
/// [#UNKNOWN_PENALTY] more than the worst piece; a run of such characters becomes its bytes, written `<0x0A>`, or one
/// unknown token. Special tokens, bytes and the unknown token are not found in a text, so that none can be written
/// there. Source: Kudo 2018, "Subword Regularization"; the optimised encoder of SentencePiece.
public final class Unigram extends VocabularyModel {

    static final String TYPE = "Unigram";

    /// What an unknown character costs beyond the score of the worst piece, as in SentencePiece.
    public static final double UNKNOWN_PENALTY = 10;

    static final int NONE = -1;

    private final double[] scores;
    private final double unknownScore;
    private final int unknownId;
    private final boolean byteFallback;
    private final boolean singlePrecision;
    private final double worst;
    private final BitSet hidden;
    private final PieceTrie trie;
    private final int[] byteIds = new int[256];

    /// @param hidden the pieces that are not found in a text
    /// @param worst the lowest score, from which that of unknown characters follows
    /// @param singlePrecision whether sums are rounded to `float`, as SentencePiece does
    Unigram(
            Vocabulary vocabulary,
            double[] scores,
            double worst,
            int unknownId,
            boolean byteFallback,
            BitSet hidden,
            boolean singlePrecision) {
        super(vocabulary);
        this.scores = scores;
        this.unknownScore = singlePrecision ? (float) (worst - UNKNOWN_PENALTY) : worst - UNKNOWN_PENALTY;
        this.worst = worst;
        this.hidden = hidden;
        this.unknownId = unknownId;
        this.byteFallback = byteFallback;
        this.singlePrecision = singlePrecision;
        List<byte[]> pieces = new ArrayList<>(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            pieces.add(hidden.get(id) ? new byte[0] : vocabulary.token(id).getBytes(StandardCharsets.UTF_8));
        }
        this.trie = new PieceTrie(pieces);
        for (int b = 0; b < 256; b++) {
            byteIds[b] = byteFallback ? vocabulary.idOrMinus1(ByteFallbackDecoder.name(b)) : NONE;
        }
    }

    /// Makes a model of pieces and their scores.
    ///
    /// @param unknownId the id of the piece that stands for unknown characters
    /// @param byteFallback whether unknown characters become bytes, if the pieces `<0x00>` to `<0xFF>` are there
    /// @throws IllegalArgumentException if the lists differ in length, a piece occurs twice or is too long, a score is no
    ///     number, or the unknown piece is none of them
    public static Unigram of(List<String> pieces, double[] scores, int unknownId, boolean byteFallback) {
        if (pieces.size() != scores.length || unknownId < 0 || unknownId >= scores.length) {
            throw new IllegalArgumentException(
                    "A unigram model needs a score for each piece, and the unknown one among them:"
                            + " %d pieces, %d scores, unknown id %d"
                                    .formatted(pieces.size(), scores.length, unknownId));
        }
        Vocabulary vocabulary = Vocabulary.of(pieces);
        if (vocabulary.firstLongerThan(SentencePieces.LONGEST_PIECE) >= 0
                || !Arrays.stream(scores).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "Pieces have at most %d bytes and a finite score".formatted(SentencePieces.LONGEST_PIECE));
        }
        BitSet hidden = UnigramJson.bytes(vocabulary, byteFallback);
        hidden.set(unknownId);
        double worst = Arrays.stream(scores).min().orElse(0);
        return new Unigram(vocabulary, scores.clone(), worst, unknownId, byteFallback, hidden, false);
    }

    @Override
    public TokenModel hiding(BitSet tokens) {
        BitSet all = (BitSet) hidden.clone();
        all.or(tokens);
        return all.equals(hidden)
                ? this
                : new Unigram(vocabulary(), scores, worst, unknownId, byteFallback, all, singlePrecision);
    }

    @Override
    Speller speller() {
        return new UnigramLattice(this);
    }

    PieceTrie trie() {
        return trie;
    }

    /// Returns the scores of all pieces, which must not be written to.
    double[] scores() {
        return scores;
    }

    double unknownScore() {
        return unknownScore;
    }

    /// Returns the id of the unknown token, or [#NONE].
    int unknownId() {
        return unknownId;
    }

    /// Returns the id of the token for a byte, or [#NONE].
    int byteId(byte value) {
        return byteIds[value & 0xFF];
    }

    boolean singlePrecision() {
        return singlePrecision;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("unk_id", unknownId == NONE ? null : unknownId);
        json.put("vocab", UnigramJson.pieces(vocabulary(), scores));
        json.put("byte_fallback", byteFallback);
        if (singlePrecision) {
            // not a field of the reference, which passes over it
            json.put(UnigramJson.SINGLE_PRECISION, true);
        }
        return json;
    }
}
