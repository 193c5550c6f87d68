package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Replaces a string wherever it occurs (`Replace` of `tokenizer.json`, with a literal pattern).
///
/// @param pattern what is replaced
/// @param content what is put in its place
public record ReplaceNormalizer(String pattern, String content) implements Normalizer {

    static final String TYPE = "Replace";

    /// Checks that there is something to find.
    public ReplaceNormalizer {
        if (pattern.isEmpty()) {
            throw new IllegalArgumentException("Replace needs a pattern of at least one character");
        }
    }

    static Normalizer of(JsonFields fields) throws TokenizerFormatException {
        return fields.object("pattern").has("Regex") ? PatternReplaceNormalizer.of(fields) : ofString(fields);
    }

    private static ReplaceNormalizer ofString(JsonFields fields) throws TokenizerFormatException {
        return new ReplaceNormalizer(literal(fields), fields.string("content"));
    }

    /// Reads a pattern that must be literal.
    static String literal(JsonFields fields) throws TokenizerFormatException {
        JsonFields pattern = fields.object("pattern");
        String literal = pattern.string("String");
        if (literal.isEmpty()) {
            throw pattern.refuse("String", "at least one character");
        }
        return literal;
    }

    @Override
    public Text normalize(Text text) {
        byte[] wanted = pattern.getBytes(StandardCharsets.UTF_8);
        int found = find(text, wanted, 0);
        if (found < 0) {
            return text;
        }
        Text.Builder replaced = new Text.Builder(text);
        int at = 0;
        while (found >= 0) {
            replaced.copy(at, found);
            at = found + wanted.length;
            replaced.append(content, found, at);
            found = find(text, wanted, at);
        }
        return replaced.copy(at, text.length()).build();
    }

    private static int find(Text text, byte[] wanted, int from) {
        byte[] utf8 = text.utf8();
        for (int i = from; i + wanted.length <= text.length(); i++) {
            if (utf8[i] == wanted[0] && Arrays.equals(utf8, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
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
