package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Replaces what a regular expression matches in each token (`Replace` of `tokenizer.json`, with a `Regex`).
public final class PatternReplaceDecoder implements Decoder {

    private final String expression;
    private final Pattern compiled;
    private final String content;

    /// Makes a decoder.
    ///
    /// @param expression the regular expression, in the syntax of `tokenizer.json`
    /// @param content what is put in the place of each match, as it is
    /// @throws PatternSyntaxException if the expression cannot be read
    public PatternReplaceDecoder(String expression, String content) {
        this.expression = expression;
        this.compiled = RegexSyntax.compile(expression);
        this.content = content;
    }

    static PatternReplaceDecoder of(JsonFields fields) throws TokenizerFormatException {
        JsonFields pattern = fields.object("pattern");
        try {
            return new PatternReplaceDecoder(pattern.string("Regex"), fields.string("content"));
        } catch (PatternSyntaxException e) {
            throw RegexSyntax.refusal(pattern, e);
        }
    }

    String content() {
        return content;
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        String text = new String(token, StandardCharsets.UTF_8);
        try {
            return compiled.matcher(text)
                    .replaceAll(Matcher.quoteReplacement(content))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (StackOverflowError e) {
            throw RegexSyntax.tooDeep(expression, token.length, e);
        }
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", ReplaceDecoder.TYPE);
        json.put("pattern", Map.of("Regex", expression));
        json.put("content", content);
        return json;
    }

    @Override
    public String toString() {
        return "PatternReplaceDecoder[" + expression + ", " + content + "]";
    }
}
