package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Takes a character off both ends of each token (`Strip` of `tokenizer.json`); after a [FuseDecoder], off the
/// beginning of the text.
///
/// @param content the character
/// @param start how many at most are taken off the beginning
/// @param stop how many at most are taken off the end
public record StripDecoder(String content, int start, int stop) implements Decoder {

    static final String TYPE = "Strip";

    static StripDecoder of(JsonFields fields) throws TokenizerFormatException {
        String content = fields.string("content");
        if (content.isEmpty()) {
            throw fields.refuse("content", "a character");
        }
        return new StripDecoder(content, fields.integer("start", 0), fields.integer("stop", 0));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        byte[] stripped = content.getBytes(StandardCharsets.UTF_8);
        int from = 0;
        int to = token.length;
        for (int i = 0; i < start && matches(token, from, to, stripped); i++) {
            from += stripped.length;
        }
        for (int i = 0; i < stop && to - from >= stripped.length; i++) {
            if (!matches(token, to - stripped.length, to, stripped)) {
                break;
            }
            to -= stripped.length;
        }
        return from == 0 && to == token.length ? token : Arrays.copyOfRange(token, from, to);
    }

    private static boolean matches(byte[] token, int from, int to, byte[] wanted) {
        return to - from >= wanted.length && Arrays.equals(token, from, from + wanted.length, wanted, 0, wanted.length);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("content", content);
        json.put("start", start);
        json.put("stop", stop);
        return json;
    }
}
