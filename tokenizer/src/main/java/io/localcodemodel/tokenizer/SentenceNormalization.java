package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a SentencePiece vocabulary rewrites a text before it spells it.
///
/// @param map the rules by which characters change, or null if they do not
/// @param addPrefixSpace whether a space is put before a text (`add_dummy_prefix`)
/// @param removeExtraSpaces whether spaces at the ends of a text are dropped, and one of several in a row is kept
record SentenceNormalization(@Nullable CharacterMap map, boolean addPrefixSpace, boolean removeExtraSpaces) {

    private static final String SPACE = SentencePieces.SPACE;

    /// Spaces at the ends; at the end of a text, marks that are written there count as well.
    private static final String OUTER_SPACES = "\\A +|(?<![ " + SPACE + "])[ " + SPACE + "]++\\z";

    /// Returns the normalisation of which a stage is the form, if there is one.
    static Optional<SentenceNormalization> of(Optional<Normalizer> stage) {
        Normalizer normalizer = stage.orElse(null);
        if (!(normalizer instanceof SequenceNormalizer sequence)) {
            return Optional.empty();
        }
        CharacterMap map =
                sequence.normalizers().getFirst() instanceof PrecompiledNormalizer compiled ? compiled.map() : null;
        return Stream.of(
                        new SentenceNormalization(map, true, true),
                        new SentenceNormalization(map, true, false),
                        new SentenceNormalization(map, false, true),
                        new SentenceNormalization(map, false, false))
                .filter(candidate -> candidate.normalizer().json().equals(normalizer.json()))
                .findFirst();
    }

    Normalizer normalizer() {
        List<Normalizer> normalizers = new ArrayList<>();
        if (map != null) {
            normalizers.add(new PrecompiledNormalizer(map, false));
        }
        if (removeExtraSpaces) {
            normalizers.add(new PatternReplaceNormalizer(OUTER_SPACES, ""));
            normalizers.add(new PatternReplaceNormalizer(" {2,}", " "));
        }
        if (addPrefixSpace) {
            normalizers.add(new PrependNormalizer(SPACE));
        }
        normalizers.add(new ReplaceNormalizer(" ", SPACE));
        return new SequenceNormalizer(normalizers);
    }

    Decoder decoder() {
        List<Decoder> decoders =
                new ArrayList<>(List.of(new ReplaceDecoder(SPACE, " "), new ByteFallbackDecoder(), new FuseDecoder()));
        if (addPrefixSpace) {
            decoders.add(new StripDecoder(" ", 1, 0));
        }
        return new SequenceDecoder(decoders);
    }

    /// Whether a piece would not be found where it is written, since normalisation changes it.
    boolean changes(String piece) {
        String plain = piece.replace(SPACE, " ");
        String changed = new SentenceNormalization(map, false, removeExtraSpaces)
                .normalizer()
                .normalize(Text.of(plain))
                .string();
        return !changed.equals(piece);
    }
}
