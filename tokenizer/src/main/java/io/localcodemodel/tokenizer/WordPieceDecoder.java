package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Puts a space before each token but the first and those that continue a word (`WordPiece` of `tokenizer.json`).
///
/// @param prefix what a token that continues a word begins with
/// @param cleanup whether spaces before punctuation and English contractions are dropped
public record WordPieceDecoder(String prefix, boolean cleanup) implements Decoder {

    static final String TYPE = "WordPiece";

    private static final String[][] CLEANUP = {
        {" .", "."},
        {" ?", "?"},
        {" !", "!"},
        {" ,", ","},
        {" ' ", "'"},
        {" n't", "n't"},
        {" 'm", "'m"},
        {" do not", " don't"},
        {" 's", "'s"},
        {" 've", "'ve"},
        {" 're", "'re"},
    };

    static WordPieceDecoder of(JsonFields fields) throws TokenizerFormatException {
        return new WordPieceDecoder(fields.string("prefix", WordPiece.PREFIX), fields.bool("cleanup", true));
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        String text = new String(token, StandardCharsets.UTF_8);
        if (!first) {
            text = text.startsWith(prefix) ? text.substring(prefix.length()) : " " + text;
        }
        if (cleanup) {
            for (String[] change : CLEANUP) {
                text = text.replace(change[0], change[1]);
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("prefix", prefix);
        json.put("cleanup", cleanup);
        return json;
    }
}
