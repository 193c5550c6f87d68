package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/// Takes white space off the ends of a text (`Strip` of `tokenizer.json`).
///
/// @param left whether it is taken off the beginning
/// @param right whether it is taken off the end
public record StripNormalizer(boolean left, boolean right) implements Normalizer {

    static final String TYPE = "Strip";

    static StripNormalizer of(JsonFields fields) throws TokenizerFormatException {
        return new StripNormalizer(fields.bool("strip_left", true), fields.bool("strip_right", true));
    }

    @Override
    public Text normalize(Text text) {
        byte[] utf8 = text.utf8();
        int from = left ? Scans.whiteSpace(utf8, 0, text.length()) : 0;
        int to = text.length();
        while (right && to > from && CharacterKinds.isWhiteSpace(Utf8.decode(utf8, Utf8.before(utf8, to)))) {
            to = Utf8.before(utf8, to);
        }
        return text.slice(from, to);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("strip_left", left);
        json.put("strip_right", right);
        return json;
    }
}
