package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Splits where a regular expression or a literal string matches (`Split` of `tokenizer.json`).
///
/// The patterns of the well-known vocabularies are recognised and run by hand-written scanners; any other runs on
/// [java.util.regex].
public final class PatternSplitter implements Splitter {

    static final String TYPE = "Split";

    private final String pattern;
    private final boolean literal;
    private final SplitBehavior behavior;
    private final boolean invert;
    private final @Nullable Scanner scanner;
    private final Pattern compiled;

    private PatternSplitter(String pattern, boolean literal, SplitBehavior behavior, boolean invert) {
        this.pattern = pattern;
        this.literal = literal;
        this.behavior = behavior;
        this.invert = invert;
        boolean keepsMatches = behavior == SplitBehavior.ISOLATED || (invert && behavior == SplitBehavior.REMOVED);
        this.scanner = literal || !keepsMatches ? null : KnownPatterns.scanner(List.of(pattern));
        this.compiled = literal ? Pattern.compile(pattern, Pattern.LITERAL) : RegexSyntax.compile(pattern);
    }

    /// Splits with a regular expression in the syntax of `tokenizer.json`, each match a word.
    ///
    /// @throws PatternSyntaxException if the expression cannot be read
    public static PatternSplitter regex(String pattern) {
        return regex(pattern, SplitBehavior.ISOLATED, false);
    }

    /// Splits with a regular expression in the syntax of `tokenizer.json`.
    ///
    /// @param invert whether what lies between the matches is treated as matched, and the matches are not
    /// @throws PatternSyntaxException if the expression cannot be read
    public static PatternSplitter regex(String pattern, SplitBehavior behavior, boolean invert) {
        return new PatternSplitter(pattern, false, behavior, invert);
    }

    static PatternSplitter of(JsonFields fields) throws TokenizerFormatException {
        JsonFields pattern = fields.object("pattern");
        boolean literal = pattern.has("String");
        String text = pattern.string(literal ? "String" : "Regex");
        SplitBehavior behavior = SplitBehavior.of(fields, "behavior");
        try {
            return new PatternSplitter(text, literal, behavior, fields.bool("invert", false));
        } catch (PatternSyntaxException e) {
            throw RegexSyntax.refusal(pattern, e);
        }
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        if (scanner != null) {
            scanner.split(text, from, to, words);
        } else if (from < to) {
            splitAtMatches(text, from, to, words);
        }
    }

    private void splitAtMatches(Text text, int from, int to, Words words) {
        DelimitedWords parts = new DelimitedWords(text, behavior, words);
        Matcher matcher = compiled.matcher(text.string(from, to));
        int character = 0;
        int at = from;
        try {
            while (matcher.find()) {
                if (matcher.start() == matcher.end()) {
                    continue;
                }
                int start = Utf8.advance(text.utf8(), at, matcher.start() - character);
                int end = Utf8.advance(text.utf8(), start, matcher.end() - matcher.start());
                parts.part(at, start, invert);
                parts.part(start, end, !invert);
                character = matcher.end();
                at = end;
            }
        } catch (StackOverflowError e) {
            throw RegexSyntax.tooDeep(pattern, to - from, e);
        }
        parts.part(at, to, invert);
        parts.finish();
    }

    /// Returns the regular expression if each match, and what is between two, is a word; otherwise null.
    @Nullable
    String isolatedPattern() {
        return !literal && behavior == SplitBehavior.ISOLATED ? pattern : null;
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        return scanner != null ? CutBeforeSpace.CHANGES_NOTHING : CutBeforeSpace.CHANGES_WORDS;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("pattern", Map.of(literal ? "String" : "Regex", pattern));
        json.put("behavior", behavior.jsonName());
        json.put("invert", invert);
        return json;
    }

    @Override
    public String toString() {
        return "PatternSplitter[" + pattern + ", " + behavior + (invert ? ", inverted]" : "]");
    }
}
