package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;

/// BPE whose symbols say where in a word they stand: the last ends with a mark, as `</w>` (Sennrich et al. 2016; GPT,
/// CLIP), or those after the first begin with one, as `##`.
///
/// The symbols are characters or, after a byte-level splitter, bytes; those of bytes are never hidden, since without them a
/// text could not be written.
public final class AffixBpe extends MergingModel {

    /// The usual mark of a word's end.
    static final String SUFFIX = "</w>";

    private final Affixes affixes;

    /// @param prefix what symbols after the first of a word begin with; may be empty
    /// @param suffix what the last symbol of a word ends with; may be empty
    /// @param bytes whether the symbols are bytes
    record Affixes(String prefix, String suffix, boolean bytes) {}

    AffixBpe(Vocabulary vocabulary, MergeTable merges, Settings settings, Affixes affixes) {
        this(vocabulary, merges, settings, affixes, new BitSet());
    }

    private AffixBpe(Vocabulary vocabulary, MergeTable merges, Settings settings, Affixes affixes, BitSet hidden) {
        super(
                vocabulary,
                merges,
                settings,
                hidden,
                affixes.bytes() ? ByteAlphabet::bytesOrNone : token -> token.getBytes(StandardCharsets.UTF_8));
        this.affixes = affixes;
    }

    @Override
    AffixBpe withHidden(BitSet tokens) {
        return new AffixBpe(vocabulary(), merges(), settings(), affixes, tokens);
    }

    @Override
    void addSymbols(byte[] utf8, int from, int to, Spelling spelling) {
        for (int at = from; at < to; ) {
            int next = at + (affixes.bytes() ? 1 : Utf8.length(utf8[at]));
            String symbol = affixes.bytes()
                    ? String.valueOf(ByteAlphabet.letter(utf8[at] & 0xFF))
                    : new String(utf8, at, next - at, StandardCharsets.UTF_8);
            int id = vocabulary()
                    .idOrMinus1((at > from ? affixes.prefix() : "") + symbol + (next == to ? affixes.suffix() : ""));
            if (id >= 0 && (affixes.bytes() || !isHidden(id))) {
                spelling.add(id, at, next);
            } else {
                addUnknown(at, next, spelling);
            }
            at = next;
        }
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = super.json();
        json.put(BpeJson.PREFIX, affixes.prefix().isEmpty() ? null : affixes.prefix());
        json.put(BpeJson.SUFFIX, affixes.suffix().isEmpty() ? null : affixes.suffix());
        return json;
    }
}
