package io.localcodemodel.tokenizer;

import java.util.function.IntPredicate;

/// Joins the parts of a text that a delimiter matches, and the parts between, into words as a [SplitBehavior] says.
final class DelimitedWords {

    private final Text text;
    private final SplitBehavior behavior;
    private final Splitter.Words words;
    private int wordStart = -1;
    private int wordEnd;
    private boolean wordMatched;
    private boolean lastMatched;

    DelimitedWords(Text text, SplitBehavior behavior, Splitter.Words words) {
        this.text = text;
        this.behavior = behavior;
        this.words = words;
    }

    /// Splits where characters are delimiters, each of which is a match of its own.
    static void split(
            Text text, int from, int to, IntPredicate delimiter, SplitBehavior behavior, Splitter.Words words) {
        DelimitedWords parts = new DelimitedWords(text, behavior, words);
        byte[] utf8 = text.utf8();
        int unmatched = from;
        for (int at = from; at < to; ) {
            int next = at + Utf8.length(utf8[at]);
            if (delimiter.test(Utf8.decode(utf8, at))) {
                parts.part(unmatched, at, false);
                parts.part(at, next, true);
                unmatched = next;
            }
            at = next;
        }
        parts.part(unmatched, to, false);
        parts.finish();
    }

    /// Takes the next part, which follows the one before without a gap.
    void part(int from, int to, boolean matched) {
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
            finish();
            wordStart = from;
            wordEnd = to;
        }
        wordMatched = matched;
        lastMatched = matched;
    }

    /// Hands over the last word.
    void finish() {
        if (wordStart >= 0 && !(wordMatched && behavior == SplitBehavior.REMOVED)) {
            words.word(text, wordStart, wordEnd);
        }
        wordStart = -1;
    }
}
