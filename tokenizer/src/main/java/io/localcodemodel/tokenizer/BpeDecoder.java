package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Puts a space between words, of which the last token ends with a mark (`BPEDecoder` of `tokenizer.json`).
///
/// @param suffix the mark, mostly `</w>`
public record BpeDecoder(String suffix) implements Decoder {

    static final String TYPE = "BPEDecoder";

    static BpeDecoder of(JsonFields fields) throws TokenizerFormatException {
        return new BpeDecoder(fields.string("suffix", AffixBpe.SUFFIX));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        String text = new String(token, StandardCharsets.UTF_8);
        String word = endsWord(token) ? text.substring(0, text.length() - suffix.length()) : text;
        return (first ? word : " " + word).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean goesOn(byte[] token) {
        return !endsWord(token);
    }

    private boolean endsWord(byte[] token) {
        byte[] mark = suffix.getBytes(StandardCharsets.UTF_8);
        int from = token.length - mark.length;
        return from >= 0 && Arrays.equals(token, from, token.length, mark, 0, mark.length);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("suffix", suffix);
        return json;
    }
}
