package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Turns marks back into spaces, and drops those of the first token (`Metaspace` of `tokenizer.json`).
///
/// @param replacement the mark, a code point
/// @param prependScheme whether marks were put before a text; if nowhere, the first token keeps its spaces
/// @param splits kept for the file
public record MetaspaceDecoder(int replacement, PrependScheme prependScheme, boolean splits) implements Decoder {

    static final String TYPE = "Metaspace";

    static MetaspaceDecoder of(JsonFields fields) throws TokenizerFormatException {
        return new MetaspaceDecoder(
                fields.character("replacement"), PrependScheme.of(fields), fields.bool("split", true));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        String mark = Character.toString(replacement);
        String text = new String(token, StandardCharsets.UTF_8);
        if (!text.contains(mark)) {
            return token;
        }
        boolean drops = first && prependScheme != PrependScheme.NEVER;
        return text.replace(mark, drops ? "" : " ").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("replacement", Character.toString(replacement));
        json.put("prepend_scheme", prependScheme.jsonName());
        json.put("split", splits);
        return json;
    }
}
