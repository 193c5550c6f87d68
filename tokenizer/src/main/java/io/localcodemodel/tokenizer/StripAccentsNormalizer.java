package io.localcodemodel.tokenizer;

import java.util.Map;

/// Removes marks (`StripAccents` of `tokenizer.json`). Letters that are one character with their accent keep it,
/// unless `NFD` or `NFKD` goes before.
public record StripAccentsNormalizer() implements Normalizer {

    static final String TYPE = "StripAccents";

    @Override
    public Text normalize(Text text) {
        return CharacterNormalizers.remove(text, CharacterKinds::isMark);
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
