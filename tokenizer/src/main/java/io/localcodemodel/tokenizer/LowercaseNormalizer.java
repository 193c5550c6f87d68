package io.localcodemodel.tokenizer;

import java.util.Map;

/// Writes everything in small letters (`Lowercase` of `tokenizer.json`), each character for itself.
public record LowercaseNormalizer() implements Normalizer {

    static final String TYPE = "Lowercase";

    @Override
    public Text normalize(Text text) {
        return CharacterNormalizers.lowercase(text);
    }

    @Override
    public boolean cutsBeforeSpace() {
        return true;
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", TYPE);
    }
}
