package io.localcodemodel.tokenizer;

import java.util.Locale;

/// What becomes of the parts of a text that a [PatternSplitter] matches.
public enum SplitBehavior {
    /// They are dropped: `the-final` split on `-` gives `the`, `final`.
    REMOVED("Removed"),
    /// Each is a word: `the`, `-`, `final`.
    ISOLATED("Isolated"),
    /// Each ends the word before it: `the-`, `final`.
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    /// Each begins the word after it: `the`, `-final`.
    MERGED_WITH_NEXT("MergedWithNext"),
    /// Those that touch are one word, as are the parts between: `a--b` gives `a`, `--`, `b`.
    CONTIGUOUS("Contiguous");

    private final String jsonName;

    SplitBehavior(String jsonName) {
        this.jsonName = jsonName;
    }

    /// Returns the name in `tokenizer.json`.
    public String jsonName() {
        return jsonName;
    }

    static SplitBehavior of(JsonFields fields, String name) throws TokenizerFormatException {
        String wanted = fields.string(name);
        for (SplitBehavior behavior : values()) {
            if (behavior.jsonName.equals(wanted) || behavior.name().equals(wanted.toUpperCase(Locale.ROOT))) {
                return behavior;
            }
        }
        throw fields.refuse(name, "one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
    }
}
