package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
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
        boolean keepsMatches = invert
                ? behavior == SplitBehavior.REMOVED || behavior == SplitBehavior.ISOLATED
                : behavior == SplitBehavior.ISOLATED;
        this.scanner = literal || !keepsMatches ? null : KnownPatterns.scanner(pattern);
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

    /// Splits where a string occurs.
    public static PatternSplitter literal(String string, SplitBehavior behavior, boolean invert) {
        return new PatternSplitter(string, true, behavior, invert);
    }

    static PatternSplitter of(JsonFields fields) throws TokenizerFormatException {
        JsonFields pattern = fields.object("pattern");
        boolean literal = pattern.has("String");
        String text = pattern.string(literal ? "String" : "Regex");
        SplitBehavior behavior = SplitBehavior.of(fields, "behavior");
        try {
            return new PatternSplitter(text, literal, behavior, fields.bool("invert", false));
        } catch (PatternSyntaxException e) {
            throw new TokenizerFormatException(
                    fields.file(),
                    pattern.place() + ".Regex",
                    "a regular expression",
                    e.getDescription() + " at index " + e.getIndex(),
                    "The pattern uses a syntax that is not supported.",
                    e);
        }
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        if (scanner != null) {
            byte[] utf8 = text.utf8();
            for (int at = from; at < to; ) {
                int next = scanner.next(utf8, at, to);
                words.word(text, at, next);
                at = next;
            }
        } else if (from < to) {
            new Pieces(text, words).run(compiled.matcher(text.string(from, to)), from, to);
        }
    }

    /// The matches of one text and the parts between them, joined into words as the behaviour says.
    private final class Pieces {

        private final Text text;
        private final Words words;
        private int wordStart = -1;
        private int wordEnd;
        private boolean wordMatched;
        private boolean lastMatched;

        Pieces(Text text, Words words) {
            this.text = text;
            this.words = words;
        }

        void run(Matcher matcher, int from, int to) {
            int character = 0;
            int at = from;
            try {
                while (matcher.find()) {
                    if (matcher.start() == matcher.end()) {
                        continue;
                    }
                    int start = advance(at, matcher.start() - character);
                    int end = advance(start, matcher.end() - matcher.start());
                    part(at, start, invert);
                    part(start, end, !invert);
                    character = matcher.end();
                    at = end;
                }
            } catch (StackOverflowError e) {
                throw new IllegalArgumentException(
                        "The pattern %s needs more stack than there is for a text of %d bytes; split the text first"
                                .formatted(pattern, to - from),
                        e);
            }
            part(at, to, invert);
            flush();
        }

        private int advance(int at, int characters) {
            byte[] utf8 = text.utf8();
            int i = at;
            for (int left = characters; left > 0; ) {
                int length = Utf8.length(utf8[i]);
                i += length;
                left -= length == 4 ? 2 : 1;
            }
            return i;
        }

        private void part(int from, int to, boolean matched) {
            if (from == to) {
                return;
            }
            boolean join = wordStart >= 0
                    && switch (behavior) {
                        case REMOVED, ISOLATED -> false;
                        case CONTIGUOUS -> matched == wordMatched;
                        case MERGED_WITH_PREVIOUS -> matched && !lastMatched;
                        case MERGED_WITH_NEXT -> !matched && lastMatched;
                    };
            if (join) {
                wordEnd = to;
            } else {
                flush();
                wordStart = from;
                wordEnd = to;
            }
            wordMatched = matched;
            lastMatched = matched;
        }

        private void flush() {
            if (wordStart >= 0 && !(wordMatched && behavior == SplitBehavior.REMOVED)) {
                words.word(text, wordStart, wordEnd);
            }
            wordStart = -1;
        }
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
