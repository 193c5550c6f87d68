package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Adds no tokens, but takes white space off their places (`ByteLevel` of `tokenizer.json`).
///
/// Without framing, the places cover all characters of each token, so that the text can be put together from them.
///
/// @param addPrefixSpace whether the splitter puts a space before a text, which has no place to leave out
/// @param trimOffsets whether a token's place leaves out the white space that the token begins or ends with
/// @param useRegex kept for the file
public record ByteLevelPostProcessor(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex)
        implements PostProcessor {

    static final String TYPE = "ByteLevel";

    static ByteLevelPostProcessor of(JsonFields fields) throws TokenizerFormatException {
        return new ByteLevelPostProcessor(
                fields.bool("add_prefix_space", true),
                fields.bool("trim_offsets", true),
                fields.bool("use_regex", true));
    }

    @Override
    public Encoding place(Encoding text, IntFunction<String> tokens) {
        return trimOffsets ? OffsetTrimming.trim(text, tokens, addPrefixSpace) : text;
    }

    @Override
    public Encoding frame(Encoding text, @Nullable Encoding pair) {
        return pair == null ? text : text.followedBy(pair);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("add_prefix_space", addPrefixSpace);
        json.put("trim_offsets", trimOffsets);
        json.put("use_regex", useRegex);
        return json;
    }
}
