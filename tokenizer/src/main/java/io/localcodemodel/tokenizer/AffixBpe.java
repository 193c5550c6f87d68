package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// BPE whose symbols say where in a word they stand: the last ends with a mark, as `</w>` (Sennrich et al. 2016; GPT,
/// CLIP), or those after the first begin with one, as `##`.
///
/// The symbols are characters or, after a byte-level splitter, bytes.
public final class AffixBpe implements TokenModel {

    /// The usual mark of a word's end.
    static final String SUFFIX = "</w>";

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final MergeTable usedMerges;
    private final BitSet hidden;
    private final Settings settings;
    private final int unknownId;
    private final int[] lengths;

    /// @param prefix what symbols after the first of a word begin with; may be empty
    /// @param suffix what the last symbol of a word ends with; may be empty
    /// @param unknown the token for what the vocabulary lacks, or null if that is left out
    /// @param fuseUnknown whether several of them in a row are one
    /// @param ignoreMerges whether a word that is a token is that token, whatever the merges make of it
    /// @param bytes whether the symbols are bytes
    record Settings(
            String prefix,
            String suffix,
            @Nullable String unknown,
            boolean fuseUnknown,
            boolean ignoreMerges,
            boolean bytes) {}

    AffixBpe(Vocabulary vocabulary, MergeTable merges, Settings settings) {
        this(vocabulary, merges, settings, new BitSet());
    }

    private AffixBpe(Vocabulary vocabulary, MergeTable merges, Settings settings, BitSet hidden) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.usedMerges = merges.without(hidden);
        this.hidden = hidden;
        this.settings = settings;
        this.unknownId = settings.unknown() == null ? -1 : vocabulary.idOrMinus1(settings.unknown());
        this.lengths = new int[vocabulary.size()];
        Arrays.setAll(lengths, id -> Math.max(1, bare(vocabulary.token(id))));
    }

    /// The number of symbols of a token.
    private int bare(String token) {
        int from = token.startsWith(settings.prefix()) ? settings.prefix().length() : 0;
        int to = token.length()
                - (token.endsWith(settings.suffix()) ? settings.suffix().length() : 0);
        return from < to ? token.codePointCount(from, to) : 0;
    }

    /// The tokens that a word begins as stay where they are single bytes: without them a text could not be written.
    @Override
    public TokenModel hiding(BitSet tokens) {
        return tokens.equals(hidden) ? this : new AffixBpe(vocabulary, merges, settings, (BitSet) tokens.clone());
    }

    @Override
    public void encode(Text text, int from, int to, TokenBuffer tokens) {
        int whole = settings.ignoreMerges() ? vocabulary.idOrMinus1(spelled(text, from, to)) : -1;
        if (whole >= 0 && !hidden.get(whole)) {
            tokens.add(whole, text, from, to);
            return;
        }
        Scratch scratch = tokens.scratch(this, Scratch.class, () -> new Scratch(new Merger(usedMerges)));
        scratch.reserve(to - from);
        int symbols = symbols(text, from, to, scratch);
        int count = scratch.merger.merge(scratch.symbols, symbols);
        int symbol = 0;
        for (int i = 0; i < count; i++) {
            int id = scratch.symbols[i];
            int covered = id == unknownId ? 1 : lengths[id];
            int next = Math.min(symbol + covered, symbols);
            tokens.add(id, text, scratch.places[symbol], i + 1 < count ? scratch.places[next] : to);
            symbol = Math.min(next, symbols - 1);
        }
    }

    private String spelled(Text text, int from, int to) {
        if (!settings.bytes()) {
            return text.string(from, to);
        }
        StringBuilder letters = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            letters.append(ByteAlphabet.letter(text.utf8()[i] & 0xFF));
        }
        return letters.toString();
    }

    /// Writes the symbols a word begins as, and where each begins, and returns how many there are.
    private int symbols(Text text, int from, int to, Scratch scratch) {
        int count = 0;
        boolean afterUnknown = false;
        for (int at = from; at < to; ) {
            int next = at + (settings.bytes() ? 1 : Utf8.length(text.utf8()[at]));
            String symbol = (at > from ? settings.prefix() : "")
                    + spelled(text, at, next)
                    + (next == to ? settings.suffix() : "");
            int id = vocabulary.idOrMinus1(symbol);
            if (id >= 0 && hidden.get(id) && !settings.bytes()) {
                id = -1;
            }
            if (id >= 0 || (unknownId >= 0 && !(settings.fuseUnknown() && afterUnknown))) {
                scratch.places[count] = at;
                scratch.symbols[count++] = id >= 0 ? id : unknownId;
            }
            afterUnknown = id < 0;
            at = next;
        }
        return count;
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public String token(int id) {
        return vocabulary.token(id);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = BpeJson.write(
                vocabulary, merges, settings.ignoreMerges(), settings.unknown(), settings.fuseUnknown(), false);
        json.put(BpeJson.PREFIX, settings.prefix().isEmpty() ? null : settings.prefix());
        json.put(BpeJson.SUFFIX, settings.suffix().isEmpty() ? null : settings.suffix());
        return json;
    }

    private static final class Scratch {

        private static final int KEEP = 1 << 16;

        private final Merger merger;
        private int[] symbols = new int[0];
        private int[] places = new int[0];

        Scratch(Merger merger) {
            this.merger = merger;
        }

        void reserve(int length) {
            if (symbols.length < length || symbols.length > KEEP) {
                symbols = new int[length];
                places = new int[length];
            }
        }
    }
}
