package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Replaces what a regular expression matches (`Replace` of `tokenizer.json`, with a `Regex`).
public final class PatternReplaceNormalizer implements Normalizer {

    private final String expression;
    private final Pattern compiled;
    private final String content;

    /// Makes a normaliser.
    ///
    /// @param expression the regular expression, in the syntax of `tokenizer.json`
    /// @param content what is put in the place of each match, as it is
    /// @throws PatternSyntaxException if the expression cannot be read
    public PatternReplaceNormalizer(String expression, String content) {
        this.expression = expression;
        this.compiled = RegexSyntax.compile(expression);
        this.content = content;
    }

    static PatternReplaceNormalizer of(JsonFields fields) throws TokenizerFormatException {
        JsonFields pattern = fields.object("pattern");
        try {
            return new PatternReplaceNormalizer(pattern.string("Regex"), fields.string("content"));
        } catch (PatternSyntaxException e) {
            throw RegexSyntax.refusal(pattern, e);
        }
    }

    String content() {
        return content;
    }

    @Override
    public Text normalize(Text text) {
        String string = text.string();
        Matcher matcher = compiled.matcher(string);
        try {
            return matcher.find() ? replace(text, string, matcher) : text;
        } catch (StackOverflowError e) {
            throw RegexSyntax.tooDeep(expression, text.length(), e);
        }
    }

    private Text replace(Text text, String string, Matcher matcher) {
        Text.Builder replaced = new Text.Builder(text);
        int character = 0;
        int at = 0;
        do {
            if (isInsidePair(string, matcher.start())) {
                continue;
            }
            int start = Utf8.advance(text.utf8(), at, matcher.start() - character);
            int end = Utf8.advance(text.utf8(), start, matcher.end() - matcher.start());
            replaced.copy(at, start).append(content, start, end);
            character = matcher.end();
            at = end;
        } while (matcher.find());
        return replaced.copy(at, text.length()).build();
    }

    /// Whether a place, where an expression may match the empty string, is that between the halves of a surrogate pair.
    private static boolean isInsidePair(String string, int at) {
        return at > 0 && at < string.length() && Character.isSurrogatePair(string.charAt(at - 1), string.charAt(at));
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", ReplaceNormalizer.TYPE);
        json.put("pattern", Map.of("Regex", expression));
        json.put("content", content);
        return json;
    }

    @Override
    public String toString() {
        return "PatternReplaceNormalizer[" + expression + ", " + content + "]";
    }
}
