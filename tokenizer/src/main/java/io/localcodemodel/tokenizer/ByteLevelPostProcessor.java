package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Adds nothing (`ByteLevel` of `tokenizer.json`).
///
/// In the Hugging Face library this stage can also take white space off the tokens' offsets. Here offsets always
/// cover all characters of a token, so that the text can be put together from them; the flags are kept for the file.
///
/// @param addPrefixSpace kept for the file
/// @param trimOffsets kept for the file
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
