package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The model `BPE` of `tokenizer.json`, which is [AffixBpe] if the places in a word are marked, else [Bpe] if the splitter
/// is byte-level and [CharacterBpe] otherwise.
final class BpeJson {

    static final String PREFIX = "continuing_subword_prefix";
    static final String SUFFIX = "end_of_word_suffix";

    private BpeJson() {}

    static TokenModel read(JsonFields fields, boolean byteLevel) throws TokenizerFormatException {
        if (fields.decimal("dropout", 0) != 0) {
            throw fields.refuse("dropout", "no dropout, which makes encoding random");
        }
        String prefix = fields.string(PREFIX, "");
        String suffix = fields.string(SUFFIX, "");
        boolean affixed = !prefix.isEmpty() || !suffix.isEmpty();
        Vocabulary vocabulary = Vocabulary.of(fields.object("vocab"));
        MergeTable merges = merges(fields, vocabulary, prefix);
        String unknown = fields.stringOrNull("unk_token");
        if (unknown != null && vocabulary.idOrMinus1(unknown) < 0) {
            throw fields.refuse("unk_token", "a token of the vocabulary");
        }
        boolean ignoreMerges = fields.bool("ignore_merges", false);
        if (affixed) {
            if (fields.bool("byte_fallback", false)) {
                throw fields.refuse("byte_fallback", "false where " + PREFIX + " or " + SUFFIX + " is set");
            }
            boolean fuse = fields.bool("fuse_unk", false);
            return new AffixBpe(
                    vocabulary, merges, new AffixBpe.Settings(prefix, suffix, unknown, fuse, ignoreMerges, byteLevel));
        }
        if (byteLevel) {
            return new Bpe(vocabulary, merges, ignoreMerges, unknown);
        }
        return new CharacterBpe(
                vocabulary,
                merges,
                unknown,
                fields.bool("fuse_unk", false),
                fields.bool("byte_fallback", false),
                ignoreMerges);
    }

    /// Reads `merges`, whose elements are `"a b"` in older files and `["a", "b"]` in newer ones.
    private static MergeTable merges(JsonFields fields, Vocabulary vocabulary, String prefix)
            throws TokenizerFormatException {
        List<?> list = fields.list("merges");
        if (list.size() > Vocabulary.MAXIMUM_SIZE) {
            throw fields.refuse("merges", "at most " + Vocabulary.MAXIMUM_SIZE + " merges");
        }
        MergeTable.Builder builder = new MergeTable.Builder(list.size());
        for (Object element : list) {
            int rank = builder.size();
            String left;
            String right;
            if (element instanceof List<?> pair
                    && pair.size() == 2
                    && pair.get(0) instanceof String first
                    && pair.get(1) instanceof String second) {
                left = first;
                right = second;
            } else if (element instanceof String joined
                    && joined.indexOf(' ') == joined.lastIndexOf(' ')
                    && joined.indexOf(' ') > 0) {
                left = joined.substring(0, joined.indexOf(' '));
                right = joined.substring(joined.indexOf(' ') + 1);
            } else {
                throw fields.refuse(
                        "merges[" + rank + "]",
                        "two tokens, as \"a b\" or [\"a\", \"b\"]",
                        JsonFields.describe(element));
            }
            add(fields, vocabulary, builder, left, right, prefix);
        }
        return builder.build();
    }

    private static void add(
            JsonFields fields,
            Vocabulary vocabulary,
            MergeTable.Builder builder,
            String left,
            String right,
            String prefix)
            throws TokenizerFormatException {
        // what continues a word is marked once
        String whole = left + (right.startsWith(prefix) ? right.substring(prefix.length()) : right);
        int leftId = vocabulary.idOrMinus1(left);
        int rightId = vocabulary.idOrMinus1(right);
        int becomes = vocabulary.idOrMinus1(whole);
        if (leftId < 0 || rightId < 0 || becomes < 0) {
            String missing = leftId < 0 ? left : rightId < 0 ? right : whole;
            throw fields.refuse(
                    "merges[" + builder.size() + "]",
                    "tokens of the vocabulary",
                    JsonFields.describe(missing) + ", which is none");
        }
        builder.add(leftId, rightId, builder.size(), becomes);
    }

    static Map<String, Object> write(
            Vocabulary vocabulary,
            MergeTable merges,
            boolean ignoreMerges,
            @Nullable String unknown,
            boolean fuseUnknown,
            boolean byteFallback) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", Bpe.TYPE);
        json.put("dropout", null);
        json.put("unk_token", unknown);
        json.put(PREFIX, null);
        json.put(SUFFIX, null);
        json.put("fuse_unk", fuseUnknown);
        json.put("byte_fallback", byteFallback);
        json.put("ignore_merges", ignoreMerges);
        json.put("vocab", vocabulary.json());
        json.put("merges", merges.json(vocabulary));
        return json;
    }
}
