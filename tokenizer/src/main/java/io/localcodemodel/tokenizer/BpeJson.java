package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The model `BPE` of `tokenizer.json`, which is [AffixBpe] if the places in a word are marked, else [Bpe] if the splitter
/// is byte-level and [CharacterBpe] otherwise.
final class BpeJson {

    static final String PREFIX = "continuing_subword_prefix";
    static final String SUFFIX = "end_of_word_suffix";
    static final String USER_DEFINED = "user_defined_symbols";
    static final String UNUSED = "unused_symbols";

    private BpeJson() {}

    static TokenModel read(JsonFields fields, boolean byteLevel) throws TokenizerFormatException {
        if (fields.decimal("dropout", 0) != 0) {
            throw fields.refuse("dropout", "no dropout, which makes encoding random");
        }
        Vocabulary vocabulary = Vocabulary.of(fields.object("vocab"));
        AffixBpe.Affixes affixes =
                new AffixBpe.Affixes(fields.string(PREFIX, ""), fields.string(SUFFIX, ""), byteLevel);
        MergeTable merges = merges(fields, vocabulary, affixes.prefix());
        MergingModel.Settings settings = new MergingModel.Settings(
                fields.stringOrNull("unk_token"),
                fields.bool("fuse_unk", false),
                fields.bool("byte_fallback", false),
                fields.bool("ignore_merges", false));
        if (settings.unknown() != null && vocabulary.idOrMinus1(settings.unknown()) < 0) {
            throw fields.refuse("unk_token", "a token of the vocabulary");
        }
        if (!affixes.prefix().isEmpty() || !affixes.suffix().isEmpty()) {
            if (settings.byteFallback()) {
                throw fields.refuse("byte_fallback", "false where " + PREFIX + " or " + SUFFIX + " is set");
            }
            return new AffixBpe(vocabulary, merges, settings, affixes);
        }
        if (byteLevel && settings.byteFallback() && !Bpe.spellsAllBytes(vocabulary)) {
            throw fields.refuse(
                    "byte_fallback", "false, or a vocabulary with all 256 bytes, where the splitter is byte-level");
        }
        return byteLevel
                ? new Bpe(vocabulary, merges, settings)
                : new CharacterBpe(
                        vocabulary,
                        merges,
                        settings,
                        pieces(fields, USER_DEFINED, vocabulary),
                        pieces(fields, UNUSED, vocabulary));
    }

    /// Reads a list of pieces, a field of this library.
    private static BitSet pieces(JsonFields fields, String name, Vocabulary vocabulary)
            throws TokenizerFormatException {
        BitSet pieces = new BitSet();
        for (Object element : fields.has(name) ? fields.list(name) : List.of()) {
            int id = element instanceof String piece ? vocabulary.idOrMinus1(piece) : -1;
            if (id < 0 || vocabulary.token(id).getBytes(StandardCharsets.UTF_8).length > SentencePieces.LONGEST_PIECE) {
                throw fields.refuse(
                        name,
                        "tokens of the vocabulary of at most " + SentencePieces.LONGEST_PIECE + " bytes",
                        JsonFields.describe(element));
            }
            pieces.set(id);
        }
        return pieces;
    }

    /// Reads `merges`, whose elements are `"a b"` in older files and `["a", "b"]` in newer ones.
    private static MergeTable merges(JsonFields fields, Vocabulary vocabulary, String prefix)
            throws TokenizerFormatException {
        List<?> list = fields.list("merges");
        if (list.size() > Vocabulary.MAXIMUM_SIZE) {
            throw fields.refuse("merges", "at most " + Vocabulary.MAXIMUM_SIZE + " merges");
        }
        MergeTable.Builder merges = new MergeTable.Builder(list.size());
        for (Object element : list) {
            Optional<String> missing = element instanceof List<?> pair
                            && pair.size() == 2
                            && pair.get(0) instanceof String left
                            && pair.get(1) instanceof String right
                    ? merges.add(vocabulary, left, right, prefix)
                    : element instanceof String line
                            ? merges.addLine(vocabulary, line, prefix)
                            : Optional.of(String.valueOf(element));
            if (missing.isPresent()) {
                throw fields.refuse(
                        "merges[" + merges.size() + "]",
                        "two tokens of the vocabulary, as \"a b\" or [\"a\", \"b\"], which together are a third",
                        JsonFields.describe(missing.get()) + ", which is none");
            }
        }
        return merges.build();
    }

    static Map<String, Object> write(Vocabulary vocabulary, MergeTable merges, MergingModel.Settings settings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", Bpe.TYPE);
        json.put("dropout", null);
        json.put("unk_token", settings.unknown());
        json.put(PREFIX, null);
        json.put(SUFFIX, null);
        json.put("fuse_unk", settings.fuseUnknown());
        json.put("byte_fallback", settings.byteFallback());
        json.put("ignore_merges", settings.ignoreMerges());
        json.put("vocab", vocabulary.json());
        json.put("merges", merges.json(vocabulary));
        return json;
    }
}
