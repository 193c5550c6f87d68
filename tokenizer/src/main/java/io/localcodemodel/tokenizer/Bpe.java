package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Byte-level BPE: a word is a row of bytes, and pairs are joined by rank until none is left.
///
/// Any text can be spelled if the vocabulary has all 256 bytes; a byte that it lacks is dropped, as in the reference,
/// or becomes the unknown token where there is one. Source: Sennrich et al. 2016, section 3.2; Radford et al. 2019,
/// section 2.2.
public final class Bpe implements TokenModel {

    static final String TYPE = "BPE";

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final MergeTable usedMerges;
    private final BitSet hidden;
    private final boolean ignoreMerges;
    private final @Nullable String unknown;
    private final int unknownId;
    private final TokenBytes bytes;
    private final int[] byteIds;

    Bpe(Vocabulary vocabulary, MergeTable merges, boolean ignoreMerges, @Nullable String unknown) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.usedMerges = merges;
        this.hidden = new BitSet();
        this.ignoreMerges = ignoreMerges;
        this.unknown = unknown;
        this.unknownId = unknown == null ? -1 : vocabulary.idOrMinus1(unknown);
        List<byte[]> spelled = new ArrayList<>(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            spelled.add(ByteAlphabet.bytes(vocabulary.token(id)));
        }
        this.bytes = new TokenBytes(spelled);
        this.byteIds = new int[256];
        for (int b = 0; b < 256; b++) {
            int id = vocabulary.idOrMinus1(String.valueOf(ByteAlphabet.letter(b)));
            byteIds[b] = id < 0 ? unknownId : id;
        }
    }

    private Bpe(Bpe model, BitSet hidden) {
        this.vocabulary = model.vocabulary;
        this.merges = model.merges;
        this.usedMerges = merges.without(hidden);
        this.hidden = hidden;
        this.ignoreMerges = model.ignoreMerges;
        this.unknown = model.unknown;
        this.unknownId = model.unknownId;
        this.bytes = model.bytes;
        this.byteIds = model.byteIds;
    }

    /// The tokens of single bytes stay: without them a text could not be written.
    @Override
    public TokenModel hiding(BitSet tokens) {
        return tokens.equals(hidden) ? this : new Bpe(this, (BitSet) tokens.clone());
    }

    @Override
    public void encode(Text text, int from, int to, TokenBuffer tokens) {
        Scratch scratch = tokens.scratch(this, Scratch.class, this::newScratch);
        if (tokens.wantsPlaces()) {
            encodeWithPlaces(text, from, to, tokens, scratch);
            return;
        }
        byte[] utf8 = text.utf8();
        if (to - from > WordCache.LONGEST) {
            int count = spell(utf8, from, to, scratch);
            tokens.addAll(scratch.symbols, 0, count);
            scratch.trim();
        } else if (!scratch.cache.append(utf8, from, to, tokens)) {
            int count = spell(utf8, from, to, scratch);
            tokens.addAll(scratch.symbols, 0, count);
            scratch.cache.put(utf8, from, to, scratch.symbols, count);
        }
    }

    private Scratch newScratch() {
        return new Scratch(new Merger(usedMerges));
    }

    /// Writes the tokens of a word to the scratch memory and returns how many there are.
    private int spell(byte[] utf8, int from, int to, Scratch scratch) {
        if (ignoreMerges) {
            int whole = bytes.find(utf8, from, to);
            if (whole >= 0 && !hidden.get(whole)) {
                scratch.symbols[0] = whole;
                return 1;
            }
        }
        if (scratch.symbols.length < to - from) {
            scratch.symbols = new int[to - from];
        }
        int[] symbols = scratch.symbols;
        int count = 0;
        for (int i = from; i < to; i++) {
            int id = byteIds[utf8[i] & 0xFF];
            if (id >= 0) {
                symbols[count++] = id;
            }
        }
        return scratch.merger.merge(symbols, count);
    }

    private void encodeWithPlaces(Text text, int from, int to, TokenBuffer tokens, Scratch scratch) {
        byte[] utf8 = text.utf8();
        int count = spell(utf8, from, to, scratch);
        int at = from;
        for (int i = 0; i < count; i++) {
            int id = scratch.symbols[i];
            while (at < to && byteIds[utf8[at] & 0xFF] < 0) {
                at++;
            }
            int start = at;
            // a token merged of unknown bytes is spelled with more bytes than it covers
            for (int left = id == unknownId ? 1 : bytes.length(id); left > 0 && at < to; at++) {
                left -= byteIds[utf8[at] & 0xFF] < 0 ? 0 : 1;
            }
            tokens.add(id, text, start, at);
        }
        scratch.trim();
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

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /// Whether a word that is a token is that token, whatever the merges make of it.
    boolean ignoresMerges() {
        return ignoreMerges;
    }

    MergeTable merges() {
        return merges;
    }

    @Override
    public Map<String, Object> json() {
        return BpeJson.write(vocabulary, merges, ignoreMerges, unknown, false, false);
    }

    /// What one thread needs to spell words.
    private static final class Scratch {

        private static final int KEEP = 1 << 16;

        private final Merger merger;
        private final WordCache cache = new WordCache();
        private int[] symbols = new int[WordCache.LONGEST];

        Scratch(Merger merger) {
            this.merger = merger;
        }

        void trim() {
            if (symbols.length > KEEP) {
                symbols = new int[WordCache.LONGEST];
            }
        }
    }
}
