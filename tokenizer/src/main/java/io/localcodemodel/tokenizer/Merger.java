package io.localcodemodel.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Joins the symbols of one word by the merges of a vocabulary: always the pair of lowest rank, of equal ones the
/// leftmost, until none is left (Sennrich et al. 2016).
///
/// A short word is searched through again after each step. A long one keeps its pairs in one list per rank, so that
/// the work grows with its length times the logarithm of the number of different ranks it meets: a word of a million
/// equal letters, which is one list, takes linear time.
///
/// Holds scratch memory; one merger serves one thread.
final class Merger {

    /// Up to this many symbols searching again is faster than keeping lists.
    static final int SHORT = 48;

    private final MergeTable table;
    private final int[] shortRanks = new int[SHORT + 1];
    private @Nullable LongWord longWord;

    Merger(MergeTable table) {
        this.table = table;
    }

    /// Joins the first `count` symbols in place and returns how many are left.
    int merge(int[] symbols, int count) {
        if (count < 2) {
            return count;
        }
        if (count <= SHORT) {
            return mergeShort(symbols, count);
        }
        return longWord(count).merge(symbols, count, null);
    }

    /// Joins the first `count` symbols in place, writes which of them each of those that are left began as, and returns how
    /// many are left.
    int merge(int[] symbols, int count, int[] firsts) {
        if (count == 0) {
            return 0;
        }
        return longWord(count).merge(symbols, count, firsts);
    }

    private LongWord longWord(int count) {
        LongWord lists = longWord == null ? new LongWord(table) : longWord;
        longWord = count > LongWord.KEEP ? null : lists;
        return lists;
    }

    private int mergeShort(int[] symbols, int length) {
        int[] ranks = shortRanks;
        int count = length;
        int lowest = MergeTable.NO_RANK;
        int at = -1;
        for (int i = 0; i < count - 1; i++) {
            int rank = table.rank(symbols[i], symbols[i + 1]);
            ranks[i] = rank;
            if (rank < lowest) {
                lowest = rank;
                at = i;
            }
        }
        while (lowest != MergeTable.NO_RANK) {
            symbols[at] = table.merged(lowest);
            count--;
            for (int i = at + 1; i < count; i++) {
                symbols[i] = symbols[i + 1];
                ranks[i] = ranks[i + 1];
            }
            if (at > 0) {
                ranks[at - 1] = table.rank(symbols[at - 1], symbols[at]);
            }
            if (at < count - 1) {
                ranks[at] = table.rank(symbols[at], symbols[at + 1]);
            }
            lowest = MergeTable.NO_RANK;
            for (int i = 0; i < count - 1; i++) {
                if (ranks[i] < lowest) {
                    lowest = ranks[i];
                    at = i;
                }
            }
        }
        return count;
    }

    /// The lists of a long word.
    ///
    /// `next` and `previous` link the symbols that are left. Each possible merge is an entry in the list of its rank,
    /// in the order of its place; an entry is stale if the pair at its place has another rank by now. A heap holds the
    /// ranks whose lists are not empty.
    private static final class LongWord {

        /// Scratch memory for longer words is not kept.
        static final int KEEP = 1 << 16;

        private static final int NONE = -1;

        private final MergeTable table;
        private int[] symbols = new int[0];
        private int[] next = new int[0];
        private int[] previous = new int[0];
        private int[] rankAt = new int[0];

        private int[] entryPlace = new int[0];
        private int[] entryNext = new int[0];
        private int entries;

        private final int[] head;
        private final int[] tail;
        private final boolean[] unsorted;
        private final RankHeap ranks = new RankHeap();

        LongWord(MergeTable table) {
            this.table = table;
            this.head = new int[table.ranks()];
            this.tail = new int[table.ranks()];
            this.unsorted = new boolean[table.ranks()];
            Arrays.fill(head, NONE);
        }

        int merge(int[] word, int count, int @Nullable [] firsts) {
            prepare(word, count);
            for (int i = 0; i < count - 1; i++) {
                rankAt[i] = table.rank(symbols[i], symbols[i + 1]);
                if (rankAt[i] != MergeTable.NO_RANK) {
                    append(rankAt[i], i);
                }
            }
            while (!ranks.isEmpty()) {
                mergeRank(ranks.lowest());
            }
            int left = 0;
            for (int i = 0; i != NONE; i = next[i]) {
                if (firsts != null) {
                    firsts[left] = i;
                }
                word[left++] = symbols[i];
            }
            return left;
        }

        private void prepare(int[] word, int count) {
            symbols = word;
            entries = 0;
            if (next.length < count) {
                int capacity = Math.max(count, next.length * 2);
                next = new int[capacity];
                previous = new int[capacity];
                rankAt = new int[capacity];
            }
            for (int i = 0; i < count; i++) {
                next[i] = i + 1;
                previous[i] = i - 1;
            }
            next[count - 1] = NONE;
            rankAt[count - 1] = MergeTable.NO_RANK;
        }

        /// Merges the pairs in the list of a rank from left to right, until the list is empty or a pair of lower rank
        /// has come into being.
        private void mergeRank(int rank) {
            sort(rank);
            int becomes = table.merged(rank);
            while (head[rank] != NONE) {
                int entry = head[rank];
                head[rank] = entryNext[entry];
                int place = entryPlace[entry];
                if (rankAt[place] != rank) {
                    continue;
                }
                join(place, becomes);
                int lower = refresh(place, rank);
                if (previous[place] != NONE) {
                    lower = Math.min(lower, refresh(previous[place], rank));
                }
                if (lower < rank) {
                    if (head[rank] == NONE) {
                        ranks.remove(rank);
                    }
                    return;
                }
            }
            ranks.remove(rank);
        }

        private void join(int place, int becomes) {
            int gone = next[place];
            symbols[place] = becomes;
            rankAt[gone] = MergeTable.NO_RANK;
            next[place] = next[gone];
            if (next[gone] != NONE) {
                previous[next[gone]] = place;
            }
        }

        /// Finds the rank of the pair at a place anew, and lists it.
        private int refresh(int place, int current) {
            int rank = next[place] == NONE ? MergeTable.NO_RANK : table.rank(symbols[place], symbols[next[place]]);
            rankAt[place] = rank;
            if (rank == current) {
                // left of all that remain in the list
                int entry = newEntry(place);
                entryNext[entry] = head[rank];
                if (head[rank] == NONE) {
                    tail[rank] = entry;
                }
                head[rank] = entry;
            } else if (rank != MergeTable.NO_RANK) {
                append(rank, place);
            }
            return rank;
        }

        private int newEntry(int place) {
            if (entries == entryPlace.length) {
                int capacity = Math.max(256, entries * 2);
                entryPlace = Arrays.copyOf(entryPlace, capacity);
                entryNext = Arrays.copyOf(entryNext, capacity);
            }
            entryPlace[entries] = place;
            entryNext[entries] = NONE;
            return entries++;
        }

        private void append(int rank, int place) {
            int entry = newEntry(place);
            if (head[rank] == NONE) {
                head[rank] = entry;
                ranks.add(rank);
            } else {
                entryNext[tail[rank]] = entry;
                unsorted[rank] |= entryPlace[tail[rank]] > place;
            }
            tail[rank] = entry;
        }

        /// Puts a list into the order of places, if merges of several ranks have added to it in turn.
        private void sort(int rank) {
            if (!unsorted[rank]) {
                return;
            }
            unsorted[rank] = false;
            int count = 0;
            for (int entry = head[rank]; entry != NONE; entry = entryNext[entry]) {
                count++;
            }
            int[] places = new int[count];
            int i = 0;
            for (int entry = head[rank]; entry != NONE; entry = entryNext[entry]) {
                places[i++] = entryPlace[entry];
            }
            Arrays.sort(places);
            i = 0;
            for (int entry = head[rank]; entry != NONE; entry = entryNext[entry]) {
                entryPlace[entry] = places[i++];
            }
        }
    }

    /// A binary heap of ranks.
    private static final class RankHeap {

        private int[] heap = new int[64];
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        int lowest() {
            return heap[0];
        }

        void add(int rank) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            int i = size++;
            while (i > 0 && heap[(i - 1) >> 1] > rank) {
                heap[i] = heap[(i - 1) >> 1];
                i = (i - 1) >> 1;
            }
            heap[i] = rank;
        }

        /// Removes a rank that is there, mostly the lowest.
        void remove(int rank) {
            int i = 0;
            while (heap[i] != rank) {
                i++;
            }
            int moved = heap[--size];
            while (i > 0 && heap[(i - 1) >> 1] > moved) {
                heap[i] = heap[(i - 1) >> 1];
                i = (i - 1) >> 1;
            }
            while (2 * i + 1 < size) {
                int child = 2 * i + 1;
                if (child + 1 < size && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= moved) {
                    break;
                }
                heap[i] = heap[child];
                i = child;
            }
            heap[i] = moved;
        }
    }
}
