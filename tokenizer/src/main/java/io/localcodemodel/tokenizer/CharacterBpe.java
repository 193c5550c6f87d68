package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// BPE over characters, as SentencePiece does it: a word is a row of characters, and a character that the vocabulary
/// lacks becomes its bytes, written `<0x0A>`, or the unknown token, or nothing.
///
/// With no merges it is a vocabulary of characters, see [CharacterTokenizer].
public final class CharacterBpe implements TokenModel {

    private static final int KEEP = 1 << 16;

    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final MergeTable usedMerges;
    private final BitSet hidden;
    private final @Nullable String unknown;
    private final int unknownId;
    private final boolean fuseUnknown;
    private final boolean byteFallback;
    private final boolean ignoreMerges;
    private final int[] asciiIds = new int[128];
    private final Map<Integer, Integer> characterIds = new HashMap<>();
    private final int[] byteIds = new int[256];
    private final int[] lengths;

    CharacterBpe(
            Vocabulary vocabulary,
            MergeTable merges,
            @Nullable String unknown,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean ignoreMerges) {
        this(vocabulary, merges, unknown, fuseUnknown, byteFallback, ignoreMerges, new BitSet());
    }

    private CharacterBpe(
            Vocabulary vocabulary,
            MergeTable merges,
            @Nullable String unknown,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean ignoreMerges,
            BitSet hidden) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.usedMerges = merges.without(hidden);
        this.hidden = hidden;
        this.unknown = unknown;
        this.unknownId = unknown == null ? -1 : vocabulary.idOrMinus1(unknown);
        this.fuseUnknown = fuseUnknown;
        this.byteFallback = byteFallback;
        this.ignoreMerges = ignoreMerges;
        this.lengths = new int[vocabulary.size()];
        Arrays.fill(asciiIds, -1);
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            lengths[id] = token.getBytes(StandardCharsets.UTF_8).length;
            if (!hidden.get(id) && !token.isEmpty() && token.codePointCount(0, token.length()) == 1) {
                int character = token.codePointAt(0);
                if (character < 128) {
                    asciiIds[character] = id;
                } else {
                    characterIds.put(character, id);
                }
            }
        }
        for (int b = 0; b < 256; b++) {
            byteIds[b] = byteFallback ? vocabulary.idOrMinus1(ByteFallbackDecoder.name(b)) : -1;
        }
    }

    @Override
    public TokenModel hiding(BitSet tokens) {
        return tokens.equals(hidden)
                ? this
                : new CharacterBpe(
                        vocabulary, merges, unknown, fuseUnknown, byteFallback, ignoreMerges, (BitSet) tokens.clone());
    }

    @Override
    public void encode(Text text, int from, int to, TokenBuffer tokens) {
        if (ignoreMerges) {
            int whole = vocabulary.idOrMinus1(text.string(from, to));
            if (whole >= 0 && !hidden.get(whole)) {
                tokens.add(whole, text, from, to);
                return;
            }
        }
        Scratch scratch = tokens.scratch(this, Scratch.class, () -> new Scratch(new Merger(usedMerges)));
        scratch.reserve(to - from);
        int count = symbols(text.utf8(), from, to, scratch);
        count = scratch.merger.merge(scratch.symbols, count);
        if (tokens.wantsPlaces()) {
            addWithPlaces(text, to, tokens, scratch, count);
        } else {
            tokens.addAll(scratch.symbols, 0, count);
        }
        scratch.trim();
    }

    /// Writes the symbols a word begins as, and where each begins, and returns how many there are.
    private int symbols(byte[] utf8, int from, int to, Scratch scratch) {
        int count = 0;
        boolean afterUnknown = false;
        for (int at = from; at < to; ) {
            int length = Utf8.length(utf8[at]);
            int id = characterId(utf8, at);
            if (id < 0 && hasBytes(utf8, at, length)) {
                for (int i = 0; i < length; i++) {
                    scratch.places[count] = at + i;
                    scratch.symbols[count++] = byteIds[utf8[at + i] & 0xFF];
                }
                afterUnknown = false;
            } else if (id >= 0 || (unknownId >= 0 && !(fuseUnknown && afterUnknown))) {
                scratch.places[count] = at;
                scratch.symbols[count++] = id >= 0 ? id : unknownId;
                afterUnknown = id < 0;
            }
            at += length;
        }
        scratch.count = count;
        return count;
    }

    private int characterId(byte[] utf8, int at) {
        return utf8[at] >= 0 ? asciiIds[utf8[at]] : characterIds.getOrDefault(Utf8.decode(utf8, at), -1);
    }

    private boolean hasBytes(byte[] utf8, int at, int length) {
        boolean all = byteFallback;
        for (int i = 0; i < length && all; i++) {
            all = byteIds[utf8[at + i] & 0xFF] >= 0;
        }
        return all;
    }

    /// A merged token covers as many of the first symbols as have its length together.
    private void addWithPlaces(Text text, int to, TokenBuffer tokens, Scratch scratch, int count) {
        int symbol = 0;
        for (int i = 0; i < count; i++) {
            int id = scratch.symbols[i];
            int start = scratch.places[symbol];
            int covered = 0;
            do {
                int at = scratch.places[symbol++];
                covered += Utf8.isContinuation(text.utf8()[at]) ? 1 : Utf8.length(text.utf8()[at]);
            } while (!isSingle(id) && symbol < scratch.count && covered < lengths[id]);
            int end = symbol < scratch.count ? scratch.places[symbol] : to;
            tokens.add(id, text, start, end);
        }
    }

    private boolean isSingle(int id) {
        return id == unknownId || (byteFallback && ByteFallbackDecoder.value(vocabulary.token(id)) >= 0);
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    MergeTable merges() {
        return merges;
    }

    @Nullable
    String unknown() {
        return unknown;
    }

    boolean byteFallback() {
        return byteFallback;
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
        return BpeJson.write(vocabulary, merges, ignoreMerges, unknown, fuseUnknown, byteFallback);
    }

    private static final class Scratch {

        private final Merger merger;
        private int[] symbols = new int[0];
        private int[] places = new int[0];
        private int count;

        Scratch(Merger merger) {
            this.merger = merger;
        }

        void reserve(int length) {
            if (symbols.length < length) {
                symbols = new int[length];
                places = new int[length];
            }
        }

        void trim() {
            if (symbols.length > KEEP) {
                symbols = new int[0];
                places = new int[0];
            }
        }
    }
}
