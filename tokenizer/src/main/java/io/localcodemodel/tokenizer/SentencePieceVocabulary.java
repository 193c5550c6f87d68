package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A tokenizer seen as a BPE vocabulary of SentencePiece, for the files that hold such.
///
/// The files know a score for each piece instead of a list of merges: any two neighbours that spell a piece may be merged,
/// the piece with the highest score first. A tokenizer of which that is not true is refused.
///
/// @param pieces the pieces in the order of their ids
/// @param addPrefixSpace whether a space is put before a text
/// @param boundaries what is put around a framed text
record SentencePieceVocabulary(List<SentencePieces.Piece> pieces, boolean addPrefixSpace, TextBoundaries boundaries) {

    /// @throws IllegalArgumentException if the tokenizer does what such a vocabulary cannot
    static SentencePieceVocabulary of(Tokenizer tokenizer) {
        if (!(tokenizer.model() instanceof CharacterBpe model)) {
            throw new IllegalArgumentException("A SentencePiece BPE vocabulary is made of characters; this model is "
                    + tokenizer.model().getClass().getSimpleName() + ": save it as tokenizer.json");
        }
        boolean addPrefixSpace = tokenizer.normalizer().orElse(null) instanceof SequenceNormalizer sequence
                && sequence.normalizers().getFirst() instanceof PrependNormalizer;
        SentencePieceVocabulary vocabulary =
                new SentencePieceVocabulary(pieces(tokenizer, model), addPrefixSpace, boundaries(tokenizer));
        vocabulary.requireSame(tokenizer, model);
        return vocabulary;
    }

    /// @throws IllegalArgumentException if there is more than one token on a side of a framed text
    static TextBoundaries boundaries(Tokenizer tokenizer) {
        return TextBoundaries.of(tokenizer)
                .orElseThrow(() -> new IllegalArgumentException("This tokenizer frames a text otherwise than with one"
                        + " token on each side, which this format cannot say. Save it as tokenizer.json"));
    }

    private static List<SentencePieces.Piece> pieces(Tokenizer tokenizer, CharacterBpe model) {
        Map<String, Integer> order = order(model);
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        int size = tokenizer.vocabularySize();
        for (int id = 0; id < size; id++) {
            String token = tokenizer.token(id);
            if (token.isEmpty()) {
                throw new IllegalArgumentException("A SentencePiece vocabulary has a piece for each id; " + id
                        + " has none: save it as tokenizer.json");
            }
            SentencePieces.Kind kind = kind(tokenizer, model, id);
            // what no merge makes is never compared with another
            boolean merged = kind == SentencePieces.Kind.NORMAL || kind == SentencePieces.Kind.UNUSED;
            int rank = merged ? order.getOrDefault(token, order.size() + id) : 0;
            pieces.add(new SentencePieces.Piece(token, -rank, kind));
        }
        return pieces;
    }

    /// The rank of each piece that merges make.
    private static Map<String, Integer> order(CharacterBpe model) {
        Map<String, Integer> order = new HashMap<>();
        String last = "";
        for (List<String> pair : model.merges().json(model.vocabulary())) {
            String piece = pair.get(0) + pair.get(1);
            Integer rank = order.putIfAbsent(piece, order.size());
            if (rank != null && !piece.equals(last)) {
                throw new IllegalArgumentException("The merges of the piece \"" + piece
                        + "\" have ranks on both sides of those of another, which scores cannot say: save it as"
                        + " tokenizer.json");
            }
            last = piece;
        }
        return order;
    }

    private static SentencePieces.Kind kind(Tokenizer tokenizer, CharacterBpe model, int id) {
        String token = tokenizer.token(id);
        if (token.equals(model.settings().unknown())) {
            return SentencePieces.Kind.UNKNOWN;
        }
        if (model.isDefined(id)) {
            return SentencePieces.Kind.USER_DEFINED;
        }
        if (model.isUnused(id)) {
            return SentencePieces.Kind.UNUSED;
        }
        for (AddedToken added : tokenizer.addedTokens()) {
            if (added.id() == id) {
                return added.special() ? SentencePieces.Kind.CONTROL : SentencePieces.Kind.USER_DEFINED;
            }
        }
        return model.settings().byteFallback() && ByteFallbackDecoder.value(token) >= 0
                ? SentencePieces.Kind.BYTE
                : SentencePieces.Kind.NORMAL;
    }

    /// Refuses a tokenizer that would not be the same after it was written and read.
    private void requireSame(Tokenizer tokenizer, CharacterBpe model) {
        Tokenizer read;
        try {
            read = new SentencePieces(pieces, "the vocabulary").tokenizer(addPrefixSpace, boundaries);
        } catch (TokenizerFormatException e) {
            throw SentencePieces.cannotHold(e);
        }
        CharacterBpe other = (CharacterBpe) read.model();
        List<String> different = new ArrayList<>();
        if (!new HashSet<>(model.merges().json(model.vocabulary()))
                .equals(new HashSet<>(other.merges().json(other.vocabulary())))) {
            different.add("its merges are not all those that spell a piece");
        }
        if (!modelWithoutMerges(model).equals(modelWithoutMerges(other))) {
            different.add("its model has settings of its own, as fuse_unk or ignore_merges");
        }
        if (!Objects.equals(
                        json(tokenizer.normalizer().orElse(null)),
                        json(read.normalizer().orElse(null)))
                || tokenizer.splitter().isPresent()) {
            different.add("it rewrites or cuts texts otherwise");
        }
        if (!read.addedTokens().equals(tokenizer.addedTokens())) {
            different.add("its added tokens have flags of their own");
        }
        if (!decodesAlike(tokenizer.decoded(), read.decoded(), pieces.size())) {
            different.add("it decodes otherwise");
        }
        if (!different.isEmpty()) {
            throw new IllegalArgumentException("A SentencePiece file cannot say what this tokenizer does: "
                    + String.join("; ", different) + ". Save it as tokenizer.json");
        }
    }

    private static Map<String, Object> modelWithoutMerges(CharacterBpe model) {
        Map<String, Object> json = model.json();
        json.remove("merges");
        return json;
    }

    private static boolean decodesAlike(DecodedTokens one, DecodedTokens other, int size) {
        for (int id = 0; id < size; id++) {
            if (!Arrays.equals(one.piece(id, true), other.piece(id, true))
                    || !Arrays.equals(one.piece(id, false), other.piece(id, false))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object json(@Nullable Stage stage) {
        return stage == null ? null : stage.json();
    }
}
