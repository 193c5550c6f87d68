package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/// Puts a mark in place of each space, and splits before each mark (`Metaspace` of `tokenizer.json`), as
/// SentencePiece does.
///
/// @param replacement the mark, a code point, usually `▁`
/// @param prependScheme where a mark is put before a text that does not begin with one
/// @param splits whether the text is split, rather than being one word
public record MetaspaceSplitter(int replacement, PrependScheme prependScheme, boolean splits) implements Splitter {

    static final String TYPE = "Metaspace";

    static MetaspaceSplitter of(JsonFields fields) throws TokenizerFormatException {
        return new MetaspaceSplitter(
                fields.character("replacement"), PrependScheme.of(fields), fields.bool("split", true));
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        if (from == to) {
            return;
        }
        Text marked = mark(text, from, to);
        if (!splits) {
            words.word(marked, 0, marked.length());
            return;
        }
        byte[] utf8 = marked.utf8();
        int wordStart = 0;
        for (int at = 0; at < marked.length(); at += Utf8.length(utf8[at])) {
            if (at > wordStart && Utf8.decode(utf8, at) == replacement) {
                words.word(marked, wordStart, at);
                wordStart = at;
            }
        }
        words.word(marked, wordStart, marked.length());
    }

    private Text mark(Text text, int from, int to) {
        byte[] utf8 = text.utf8();
        Text.Builder marked = new Text.Builder(text.slice(from, to));
        boolean prepends = prependScheme == PrependScheme.ALWAYS
                || (prependScheme == PrependScheme.FIRST && text.startsSource(from));
        if (prepends && utf8[from] != ' ' && Utf8.decode(utf8, from) != replacement) {
            marked.append(replacement, 0, 0);
        }
        for (int at = from; at < to; ) {
            int next = at + Utf8.length(utf8[at]);
            int codePoint = Utf8.decode(utf8, at);
            marked.append(codePoint == ' ' ? replacement : codePoint, at - from, next - from);
            at = next;
        }
        return marked.build();
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
