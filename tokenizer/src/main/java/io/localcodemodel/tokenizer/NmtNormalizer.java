package io.localcodemodel.tokenizer;

import java.util.Map;

/// Drops control characters and turns every kind of space into U+0020 (`Nmt` of `tokenizer.json`, the first half of
/// SentencePiece's `nmt_nfkc`).
public record NmtNormalizer() implements Normalizer {

    static final String TYPE = "Nmt";

    @Override
    public Text normalize(Text text) {
        Text kept = CharacterNormalizers.remove(text, NmtNormalizer::isDropped);
        byte[] utf8 = kept.utf8();
        Text.Builder spaced = null;
        for (int at = 0; at < kept.length(); ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            if (isSpace(codePoint)) {
                spaced = spaced == null ? new Text.Builder(kept).copy(0, at) : spaced;
                spaced.append(' ', at, next);
            } else if (spaced != null) {
                spaced.append(codePoint, at, next);
            }
            at = next;
        }
        return spaced == null ? kept : spaced.build();
    }

    private static boolean isDropped(int codePoint) {
        return switch (codePoint) {
            case 0, '\t', '\n', '\f', '\r' -> false;
            case 0x7F, 0x8F, 0x9F -> true;
            default -> codePoint < ' ';
        };
    }

    private static boolean isSpace(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
            default -> codePoint >= 0x200B && codePoint <= 0x200F;
        };
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
