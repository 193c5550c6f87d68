package io.localcodemodel.tokenizer;

import java.text.Normalizer.Form;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rewrites a text as BERT does (`BertNormalizer` of `tokenizer.json`; `BasicTokenizer` of the original).
///
/// @param cleanText whether control characters are dropped and all white space becomes U+0020
/// @param separateChinese whether spaces are put around Chinese characters
/// @param stripAccents whether accents are dropped; null for what `lowercase` says
/// @param lowercase whether letters become small
public record BertNormalizer(
        boolean cleanText,
        boolean separateChinese,
        @Nullable Boolean stripAccents,
        boolean lowercase) implements Normalizer {

    static final String TYPE = "BertNormalizer";

    private static final int REPLACEMENT = 0xFFFD;
    private static final UnicodeNormalizer DECOMPOSE = new UnicodeNormalizer(Form.NFD);

    static BertNormalizer of(JsonFields fields) throws TokenizerFormatException {
        return new BertNormalizer(
                fields.bool("clean_text", true),
                fields.bool("handle_chinese_chars", true),
                fields.has("strip_accents") ? fields.bool("strip_accents", true) : null,
                fields.bool("lowercase", true));
    }

    @Override
    public Text normalize(Text text) {
        Text result = cleanText ? clean(text) : text;
        result = separateChinese ? separate(result) : result;
        if (stripAccents == null ? lowercase : stripAccents) {
            result = CharacterNormalizers.remove(DECOMPOSE.normalize(result), CharacterKinds::isNonSpacingMark);
        }
        return lowercase ? CharacterNormalizers.lowercase(result) : result;
    }

    private static Text clean(Text text) {
        byte[] utf8 = text.utf8();
        int found = 0;
        while (found < text.length() && isClean(Utf8.decode(utf8, found))) {
            found += Utf8.length(utf8[found]);
        }
        if (found == text.length()) {
            return text;
        }
        Text.Builder cleaned = new Text.Builder(text).copy(0, found);
        for (int at = found; at < text.length(); ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            if (isSpace(codePoint)) {
                cleaned.append(' ', at, next);
            } else if (isClean(codePoint)) {
                cleaned.append(codePoint, at, next);
            }
            at = next;
        }
        return cleaned.build();
    }

    private static boolean isSpace(int codePoint) {
        return codePoint == '\t'
                || codePoint == '\n'
                || codePoint == '\r'
                || (CharacterKinds.isWhiteSpace(codePoint) && !CharacterKinds.isOther(codePoint));
    }

    private static boolean isClean(int codePoint) {
        if (codePoint < 128) {
            return codePoint >= ' ' && codePoint < 127;
        }
        return codePoint != REPLACEMENT
                && !CharacterKinds.isOther(codePoint)
                && !CharacterKinds.isWhiteSpace(codePoint);
    }

    private static Text separate(Text text) {
        byte[] utf8 = text.utf8();
        Text.Builder separated = null;
        for (int at = 0; at < text.length(); ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            if (CharacterKinds.isChinese(codePoint)) {
                separated = separated == null ? new Text.Builder(text).copy(0, at) : separated;
                separated.append(' ', at, next).append(codePoint, at, next).append(' ', at, next);
            } else if (separated != null) {
                separated.append(codePoint, at, next);
            }
            at = next;
        }
        return separated == null ? text : separated.build();
    }

    @Override
    public boolean cutsBeforeSpace() {
        return true;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("clean_text", cleanText);
        json.put("handle_chinese_chars", separateChinese);
        json.put("strip_accents", stripAccents);
        json.put("lowercase", lowercase);
        return json;
    }
}
