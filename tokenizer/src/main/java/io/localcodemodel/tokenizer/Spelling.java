package io.localcodemodel.tokenizer;

import java.util.Arrays;

/// The tokens of one word and where in the text each lies, and the words that one thread has spelled before.
final class Spelling {

    /// Memory for longer words is not kept.
    private static final int KEEP = 1 << 16;

    private static final int NONE = -1;

    private final Speller speller;
    private final WordCache cache = new WordCache();
    private int[] ids = new int[WordCache.LONGEST];
    private int[] starts = new int[WordCache.LONGEST];
    private int[] ends = new int[WordCache.LONGEST];
    private int[] firsts = new int[0];
    private int count;
    private int unknownEnd;
    private boolean places;

    Spelling(Speller speller) {
        this.speller = speller;
    }

    /// Appends the tokens of a word of a text to a buffer.
    void encode(Text text, int from, int to, TokenBuffer tokens) {
        byte[] utf8 = text.utf8();
        if (to - from > WordCache.LONGEST || tokens.wantsPlaces()) {
            encodeAnew(text, from, to, tokens);
        } else if (!cache.append(utf8, from, to, tokens)) {
            spell(utf8, from, to, false);
            tokens.addAll(ids, 0, count);
            cache.put(utf8, from, to, ids, count);
        }
    }

    private void encodeAnew(Text text, int from, int to, TokenBuffer tokens) {
        spell(text.utf8(), from, to, tokens.wantsPlaces());
        if (places) {
            for (int i = 0; i < count; i++) {
                tokens.add(ids[i], text, starts[i], ends[i]);
            }
        } else {
            tokens.addAll(ids, 0, count);
        }
        if (ids.length > KEEP) {
            ids = new int[WordCache.LONGEST];
            starts = new int[WordCache.LONGEST];
            ends = new int[WordCache.LONGEST];
            firsts = new int[0];
        }
    }

    private void spell(byte[] utf8, int from, int to, boolean withPlaces) {
        count = 0;
        unknownEnd = NONE;
        places = withPlaces;
        speller.spell(utf8, from, to, this);
    }

    /// Appends a token that the bytes `start` to `end` became.
    void add(int id, int start, int end) {
        if (count == ids.length) {
            int capacity = Math.multiplyExact(count, 2);
            ids = Arrays.copyOf(ids, capacity);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
        ids[count] = id;
        starts[count] = start;
        ends[count++] = end;
    }

    /// Appends what stands for bytes that the vocabulary cannot spell.
    ///
    /// @param unknownId the unknown token, or -1 if there is none and the bytes are dropped
    /// @param fuse whether several unknown tokens in a row are one
    void addUnknown(int unknownId, boolean fuse, int start, int end) {
        if (fuse && unknownEnd == start) {
            ends[count - 1] = end;
        } else if (unknownId >= 0) {
            add(unknownId, start, end);
        } else {
            return;
        }
        unknownEnd = end;
    }

    /// Takes back what was appended.
    void clear() {
        count = 0;
    }

    /// Joins the tokens, which are single symbols so far, by the merges of a vocabulary.
    void merge(Merger merger) {
        if (!places) {
            count = merger.merge(ids, count);
            return;
        }
        if (firsts.length <= count) {
            firsts = new int[count + 1];
        }
        int symbols = count;
        count = merger.merge(ids, symbols, firsts);
        firsts[count] = symbols;
        for (int i = 0; i < count; i++) {
            // a token's first symbol is not left of the token, so nothing is overwritten that is still to be read
            starts[i] = starts[firsts[i]];
            ends[i] = ends[firsts[i + 1] - 1];
        }
    }

    /// Takes apart the tokens that are not given.
    void takeApart(UnusedPieces unused) {
        int[] merged = Arrays.copyOf(ids, count);
        int[] begins = Arrays.copyOf(starts, count);
        int[] after = Arrays.copyOf(ends, count);
        count = 0;
        for (int i = 0; i < merged.length; i++) {
            UnusedPieces.Token[] parts = unused.parts(merged[i]);
            if (parts == null) {
                add(merged[i], begins[i], after[i]);
                continue;
            }
            int at = begins[i];
            for (UnusedPieces.Token part : parts) {
                add(part.id(), at, at + part.length());
                at += part.length();
            }
        }
    }
}
