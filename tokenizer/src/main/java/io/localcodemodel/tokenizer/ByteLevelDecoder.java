package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Turns the letters of a byte-level vocabulary back into bytes (`ByteLevel` of `tokenizer.json`).
///
/// A token with a character that is no such letter stands for itself.
///
/// @param addPrefixSpace kept for the file
/// @param trimOffsets kept for the file
/// @param useRegex kept for the file
public record ByteLevelDecoder(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex) implements Decoder {

    static final String TYPE = "ByteLevel";

    static ByteLevelDecoder of(JsonFields fields) throws TokenizerFormatException {
        return new ByteLevelDecoder(
                fields.bool("add_prefix_space", true),
                fields.bool("trim_offsets", true),
                fields.bool("use_regex", true));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        return ByteAlphabet.bytes(new String(token, StandardCharsets.UTF_8));
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
