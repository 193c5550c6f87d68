package io.localcodemodel.tokenizer;

import java.util.Map;

/// Puts a string before a text that is not empty (`Prepend` of `tokenizer.json`).
///
/// @param prefix what is put there
public record PrependNormalizer(String prefix) implements Normalizer {

    static final String TYPE = "Prepend";

    static PrependNormalizer of(JsonFields fields) throws TokenizerFormatException {
        return new PrependNormalizer(fields.string("prepend"));
    }

    @Override
    public Text normalize(Text text) {
        if (text.length() == 0) {
            return text;
        }
        return new Text.Builder(text)
                .append(prefix, 0, 0)
                .copy(0, text.length())
                .build();
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf("type", TYPE, "prepend", prefix);
    }
}
