package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/// Marks the text as one that a byte-level model spells, and, unless told otherwise, splits it with GPT-2's pattern
/// (`ByteLevel` of `tokenizer.json`).
///
/// @param addPrefixSpace whether a space is put before a text that does not begin with one
/// @param trimOffsets kept for the file; see [ByteLevelPostProcessor]
/// @param useRegex whether the text is split here; a file that splits with another pattern says no
public record ByteLevelSplitter(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex) implements Splitter {

    static final String TYPE = "ByteLevel";

    private static final Scanner SCANNER = new Gpt2Scanner();

    /// Returns the splitter of GPT-2: its pattern, no prefix space.
    public static ByteLevelSplitter gpt2() {
        return new ByteLevelSplitter(false, true, true);
    }

    static ByteLevelSplitter of(JsonFields fields) throws TokenizerFormatException {
        return new ByteLevelSplitter(
                fields.bool("add_prefix_space", true),
                fields.bool("trim_offsets", true),
                fields.bool("use_regex", true));
    }

    /// Whether it only says what kind of model follows.
    boolean isIdentity() {
        return !addPrefixSpace && !useRegex;
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        if (from == to) {
            return;
        }
        if (addPrefixSpace && text.utf8()[from] != ' ') {
            Text prefixed = new Text.Builder(text.slice(from, to))
                    .append(' ', 0, 0)
                    .copy(0, to - from)
                    .build();
            new ByteLevelSplitter(false, trimOffsets, useRegex).split(prefixed, 0, prefixed.length(), words);
        } else if (useRegex) {
            SCANNER.split(text, from, to, words);
        } else {
            words.word(text, from, to);
        }
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        if (addPrefixSpace) {
            return CutBeforeSpace.CHANGES_WORDS;
        }
        return useRegex ? CutBeforeSpace.CHANGES_NOTHING : CutBeforeSpace.CUTS_ONE_WORD;
    }

    @Override
    public boolean byteLevel() {
        return true;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("add_prefix_space", addPrefixSpace);
        json.put("trim_offsets", trimOffsets);
        json.put("use_regex", useRegex);
        return json;
    }
}
