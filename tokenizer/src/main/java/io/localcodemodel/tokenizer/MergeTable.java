package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The merges of a BPE vocabulary: for a pair of tokens, when it is joined and what it becomes.
///
/// An open-addressing table of `long`s. An entry packs left id, right id and rank into 21 bits each, so that a
/// look-up touches one cache line; that is also why a vocabulary has at most 2^21 tokens. The same rank may belong
/// to several pairs if they become the same token (a `.tiktoken` file ranks tokens, not pairs).
final class MergeTable {

    /// No pair has a rank as high.
    static final int NO_RANK = Integer.MAX_VALUE;

    private static final int BITS = 21;
    private static final int MASK = (1 << BITS) - 1;
    private static final long EMPTY = -1;

    /// Pairs of ids below this, the bytes of nearly all vocabularies, are looked up in a square table: every word
    /// begins with them, and the square stays in the cache where the slots do not.
    private static final int DENSE = 288;

    private final int[] dense = new int[DENSE * DENSE];
    private final long[] slots;
    private final int shift;
    private final int[] lefts;
    private final int[] rights;
    private final int[] ranks;
    private final int[] merged;
    private final int pairs;

    private MergeTable(Builder builder) {
        pairs = builder.size;
        lefts = Arrays.copyOf(builder.lefts, pairs);
        rights = Arrays.copyOf(builder.rights, pairs);
        ranks = Arrays.copyOf(builder.ranks, pairs);
        int highest = -1;
        for (int rank : ranks) {
            highest = Math.max(highest, rank);
        }
        merged = new int[highest + 1];
        int bits = Math.max(4, 33 - Integer.numberOfLeadingZeros(pairs));
        shift = 64 - bits;
        slots = new long[1 << bits];
        Arrays.fill(slots, EMPTY);
        Arrays.fill(dense, NO_RANK);
        for (int i = 0; i < pairs; i++) {
            merged[ranks[i]] = builder.merged[i];
            insert(lefts[i], rights[i], ranks[i]);
        }
    }

    private void insert(int left, int right, int rank) {
        if (left < DENSE && right < DENSE) {
            dense[left * DENSE + right] = rank;
            return;
        }
        long pair = (long) left << BITS | right;
        int mask = slots.length - 1;
        for (int slot = slotOf(pair); ; slot = slot + 1 & mask) {
            if (slots[slot] == EMPTY) {
                slots[slot] = pair << BITS | rank;
                return;
            }
            if (slots[slot] >>> BITS == pair) {
                // a pair listed twice keeps its last rank, as in the reference reader, where the list fills a map
                slots[slot] = pair << BITS | rank;
                return;
            }
        }
    }

    private int slotOf(long pair) {
        return (int) ((pair * 0x9E3779B97F4A7C15L) >>> shift);
    }

    /// Returns the rank of a pair of ids, or [#NO_RANK]; the lowest rank is joined first.
    int rank(int left, int right) {
        if (left < DENSE && right < DENSE) {
            return dense[left * DENSE + right];
        }
        long pair = (long) left << BITS | right;
        long[] table = slots;
        int mask = table.length - 1;
        for (int slot = slotOf(pair); ; slot = slot + 1 & mask) {
            long entry = table[slot];
            if (entry >>> BITS == pair) {
                return (int) entry & MASK;
            }
            if (entry == EMPTY) {
                return NO_RANK;
            }
        }
    }

    /// Returns the id that pairs of a rank become.
    int merged(int rank) {
        return merged[rank];
    }

    /// Returns one more than the highest rank.
    int ranks() {
        return merged.length;
    }

    /// Returns the number of pairs.
    int size() {
        return pairs;
    }

    /// Returns the tokens that pairs become.
    BitSet made() {
        BitSet made = new BitSet();
        for (int rank : ranks) {
            made.set(merged[rank]);
        }
        return made;
    }

    /// Returns the merges that become none of some tokens, with the same ranks.
    MergeTable without(BitSet tokens) {
        Builder kept = new Builder(pairs);
        for (int i = 0; i < pairs; i++) {
            int becomes = merged[ranks[i]];
            if (!tokens.get(becomes)) {
                kept.add(lefts[i], rights[i], ranks[i], becomes);
            }
        }
        return kept.size() == pairs ? this : kept.build();
    }

    /// Returns the first token of a pair, given as 0 to [#size()].
    int left(int pair) {
        return lefts[pair];
    }

    /// Returns the second token of a pair.
    int right(int pair) {
        return rights[pair];
    }

    /// Returns the list `merges` of `tokenizer.json`: pairs of tokens, lowest rank first.
    List<List<String>> json(Vocabulary vocabulary) {
        List<List<String>> json = new ArrayList<>(pairs);
        for (int i = 0; i < pairs; i++) {
            json.add(List.of(vocabulary.token(lefts[i]), vocabulary.token(rights[i])));
        }
        return json;
    }

    /// Whether a pair of higher rank becomes a token of higher id.
    boolean ranksFollowIds() {
        for (int rank = 1; rank < merged.length; rank++) {
            if (merged[rank] < merged[rank - 1]) {
                return false;
            }
        }
        return true;
    }

    /// Collects the pairs, lowest rank first.
    static final class Builder {

        private int[] lefts;
        private int[] rights;
        private int[] ranks;
        private int[] merged;
        private int size;

        Builder(int expected) {
            int capacity = Math.max(16, expected);
            lefts = new int[capacity];
            rights = new int[capacity];
            ranks = new int[capacity];
            merged = new int[capacity];
        }

        /// Adds a pair; its rank is not lower than that of the pair before it.
        void add(int left, int right, int rank, int becomes) {
            if (size == lefts.length) {
                int capacity = size * 2;
                lefts = Arrays.copyOf(lefts, capacity);
                rights = Arrays.copyOf(rights, capacity);
                ranks = Arrays.copyOf(ranks, capacity);
                merged = Arrays.copyOf(merged, capacity);
            }
            lefts[size] = left;
            rights[size] = right;
            ranks[size] = rank;
            merged[size++] = becomes;
        }

        /// Adds a pair of tokens, which comes after those before it, if the vocabulary has both and what they become.
        ///
        /// @param prefix what tokens that continue a word begin with, and what is written once where two of them are joined
        /// @return what the vocabulary lacks, if it lacks something
        Optional<String> add(Vocabulary vocabulary, String left, String right, String prefix) {
            String whole = left + (right.startsWith(prefix) ? right.substring(prefix.length()) : right);
            Optional<String> missing = Stream.of(left, right, whole)
                    .filter(token -> vocabulary.idOrMinus1(token) < 0)
                    .findFirst();
            if (missing.isEmpty()) {
                add(vocabulary.idOrMinus1(left), vocabulary.idOrMinus1(right), size, vocabulary.idOrMinus1(whole));
            }
            return missing;
        }

        /// Adds a pair written with a space between its tokens; answers as the other one does, with the whole line if it is no
        /// pair.
        Optional<String> addLine(Vocabulary vocabulary, String line, String prefix) {
            int space = line.indexOf(' ');
            return space > 0 && space < line.length() - 1 && space == line.lastIndexOf(' ')
                    ? add(vocabulary, line.substring(0, space), line.substring(space + 1), prefix)
                    : Optional.of(line);
        }

        /// Adds every pair of tokens that spells a token.
        void addCuts(byte[] token, TokenBytes tokens, int rank, int becomes) {
            for (int cut = 1; cut < token.length; cut++) {
                int left = tokens.find(token, 0, cut);
                int right = left < 0 ? -1 : tokens.find(token, cut, token.length);
                if (right >= 0) {
                    add(left, right, rank, becomes);
                }
            }
        }

        int size() {
            return size;
        }

        MergeTable build() {
            return new MergeTable(this);
        }
    }
}
