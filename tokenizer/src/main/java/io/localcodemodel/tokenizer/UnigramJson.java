package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The model `Unigram` of `tokenizer.json`, whose vocabulary is a list of pieces with their scores.
final class UnigramJson {

    static final String SINGLE_PRECISION = "single_precision";

    private UnigramJson() {}

    static Unigram read(JsonFields fields) throws TokenizerFormatException {
        List<?> list = fields.list("vocab");
        if (list.isEmpty() || list.size() > Vocabulary.MAXIMUM_SIZE) {
            throw fields.refuse("vocab", "1 to " + Vocabulary.MAXIMUM_SIZE + " pieces");
        }
        List<String> pieces = new ArrayList<>(list.size());
        double[] scores = new double[list.size()];
        for (Object element : list) {
            int id = pieces.size();
            if (!(element instanceof List<?> entry)
                    || entry.size() != 2
                    || !(entry.get(0) instanceof String piece)
                    || Utf8.hasLoneSurrogate(piece)
                    || !(entry.get(1) instanceof Number score)
                    || !Double.isFinite(score.doubleValue())) {
                throw fields.refuse("vocab[" + id + "]", "a piece and its score", JsonFields.describe(element));
            }
            pieces.add(piece);
            scores[id] = score.doubleValue();
        }
        Vocabulary vocabulary = Vocabulary.withGaps(pieces);
        int tooLong = vocabulary.firstLongerThan(SentencePieces.LONGEST_PIECE);
        if (tooLong >= 0) {
            throw fields.refuse(
                    "vocab[" + tooLong + "]",
                    "a piece of at most " + SentencePieces.LONGEST_PIECE + " bytes",
                    JsonFields.describe(pieces.get(tooLong)));
        }
        int unknownId = fields.integer("unk_id", Unigram.NONE);
        if (fields.has("unk_id") && (unknownId < 0 || unknownId >= pieces.size())) {
            throw fields.refuse("unk_id", "an id below " + pieces.size());
        }
        boolean byteFallback = fields.bool("byte_fallback", false);
        double worst = Arrays.stream(scores).min().orElse(0);
        BitSet hidden = bytes(vocabulary, byteFallback);
        if (unknownId != Unigram.NONE) {
            hidden.set(unknownId);
        }
        return new Unigram(
                vocabulary, scores, worst, unknownId, byteFallback, hidden, fields.bool(SINGLE_PRECISION, false));
    }

    /// Returns the pieces that stand for bytes.
    static BitSet bytes(Vocabulary vocabulary, boolean byteFallback) {
        BitSet bytes = new BitSet(vocabulary.size());
        for (int b = 0; byteFallback && b < 256; b++) {
            int id = vocabulary.idOrMinus1(ByteFallbackDecoder.name(b));
            if (id >= 0) {
                bytes.set(id);
            }
        }
        return bytes;
    }

    static List<List<Object>> pieces(Vocabulary vocabulary, double[] scores) {
        List<List<Object>> pieces = new ArrayList<>(scores.length);
        for (int id = 0; id < scores.length; id++) {
            pieces.add(List.of(vocabulary.token(id), scores[id]));
        }
        return pieces;
    }
}
