package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Replaces a string in each token (`Replace` of `tokenizer.json`, with a literal pattern).
///
/// @param pattern what is replaced
/// @param content what is put in its place
public record ReplaceDecoder(String pattern, String content) implements Decoder {

    static final String TYPE = "Replace";

    static Decoder of(JsonFields fields) throws TokenizerFormatException {
        return fields.object("pattern").has("Regex") ? PatternReplaceDecoder.of(fields) : ofString(fields);
    }

    private static ReplaceDecoder ofString(JsonFields fields) throws TokenizerFormatException {
        return new ReplaceDecoder(ReplaceNormalizer.literal(fields), fields.string("content"));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        String text = new String(token, StandardCharsets.UTF_8);
        return text.contains(pattern) ? text.replace(pattern, content).getBytes(StandardCharsets.UTF_8) : token;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("pattern", Map.of("String", pattern));
        json.put("content", content);
        return json;
    }
}
