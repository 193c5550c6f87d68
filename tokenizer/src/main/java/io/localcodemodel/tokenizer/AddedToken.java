package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/// A token that is found in the text before it is split, whatever is around it (`added_tokens` of `tokenizer.json`).
///
/// @param content how the token is written in a text
/// @param id its id
/// @param singleWord whether it counts only where no letter, number or underscore touches it
/// @param stripLeft whether white space before it belongs to it (`lstrip`)
/// @param stripRight whether white space after it belongs to it (`rstrip`)
/// @param normalized whether it is looked for in the normalised text rather than in the text as it came
/// @param special whether it is special: it has a meaning for the model and is no text
public record AddedToken(
        String content,
        int id,
        boolean singleWord,
        boolean stripLeft,
        boolean stripRight,
        boolean normalized,
        boolean special) {

    /// Checks that there is something that can be found.
    public AddedToken {
        if (content.isEmpty()) {
            throw new IllegalArgumentException("An added token needs at least one character; id " + id + " has none");
        }
        if (Utf8.hasLoneSurrogate(content)) {
            throw new IllegalArgumentException("An added token cannot hold half a surrogate pair; id " + id + " does");
        }
        if (id < 0 || id >= Vocabulary.MAXIMUM_SIZE) {
            throw new IllegalArgumentException("The id of the added token \"%s\" must be from 0 to %d: %d"
                    .formatted(content, Vocabulary.MAXIMUM_SIZE - 1, id));
        }
    }

    /// Returns a special token that is found exactly as it is written.
    public static AddedToken special(String content, int id) {
        return new AddedToken(content, id, false, false, false, false, true);
    }

    /// Whether text must not turn into it unless that is asked for: it is special, or it marks a gap. The files of Qwen Coder
    /// and CodeGemma do not call their marks of gaps special, yet a source that spells one is not to open a gap.
    boolean controls() {
        return special || InfillFamily.isMark(content);
    }

    static AddedToken of(JsonFields fields) throws TokenizerFormatException {
        String content = fields.string("content");
        if (content.isEmpty()) {
            throw fields.refuse("content", "at least one character");
        }
        if (Utf8.hasLoneSurrogate(content)) {
            throw fields.refuse("content", "text without half a surrogate pair");
        }
        int id = fields.integer("id");
        if (id < 0 || id >= Vocabulary.MAXIMUM_SIZE) {
            throw fields.refuse("id", "an id from 0 to " + (Vocabulary.MAXIMUM_SIZE - 1));
        }
        boolean special = fields.bool("special", false);
        return new AddedToken(
                content,
                id,
                fields.bool("single_word", false),
                fields.bool("lstrip", false),
                fields.bool("rstrip", false),
                fields.bool("normalized", !special),
                special);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("content", content);
        json.put("single_word", singleWord);
        json.put("lstrip", stripLeft);
        json.put("rstrip", stripRight);
        json.put("normalized", normalized);
        json.put("special", special);
        return json;
    }
}
