package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Pairs of symbols with their counts and the places where they occur.
///
/// A pair is found by an open-addressing table and then has an index. The places of a pair are one stretch of a
/// common pool: a pair comes into being in a single step, that which makes the younger of its two symbols.
final class PairTable {

    static final int NONE = -1;

    private long[] keys = new long[1 << 12];
    private int[] table = new int[1 << 14];
    private long[] counts = new long[1 << 12];
    private int[] starts = new int[1 << 12];
    private int[] lengths = new int[1 << 12];
    private int size;

    private int[] places;
    private int placesUsed;

    /// @param places how many places the pool begins with
    PairTable(int places) {
        this.places = new int[Math.max(16, places)];
        Arrays.fill(table, NONE);
    }

    static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    /// Returns the number of pairs; indexes are below it.
    int size() {
        return size;
    }

    /// Returns the index of a pair, or [#NONE].
    int find(long key) {
        int mask = table.length - 1;
        for (int slot = slot(key); ; slot = slot + 1 & mask) {
            int index = table[slot];
            if (index == NONE || keys[index] == key) {
                return index;
            }
        }
    }

    /// Returns the index of a pair, which is new if need be.
    int findOrAdd(long key) {
        int mask = table.length - 1;
        int slot = slot(key);
        for (int index = table[slot]; index != NONE; index = table[slot]) {
            if (keys[index] == key) {
                return index;
            }
            slot = slot + 1 & mask;
        }
        if (size == keys.length) {
            int capacity = size * 2;
            keys = Arrays.copyOf(keys, capacity);
            counts = Arrays.copyOf(counts, capacity);
            starts = Arrays.copyOf(starts, capacity);
            lengths = Arrays.copyOf(lengths, capacity);
        }
        keys[size] = key;
        starts[size] = NONE;
        table[slot] = size++;
        if (size * 2 > table.length) {
            rehash();
        }
        return size - 1;
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32 ^ hash >>> 52) & table.length - 1;
    }

    private void rehash() {
        table = new int[table.length * 2];
        Arrays.fill(table, NONE);
        for (int index = 0; index < size; index++) {
            int slot = slot(keys[index]);
            while (table[slot] != NONE) {
                slot = slot + 1 & table.length - 1;
            }
            table[slot] = index;
        }
    }

    long pair(int index) {
        return keys[index];
    }

    int left(int index) {
        return (int) (keys[index] >>> 32);
    }

    int right(int index) {
        return (int) keys[index];
    }

    long count(int index) {
        return counts[index];
    }

    void addCount(int index, long change) {
        counts[index] += change;
    }

    void clearCount(int index) {
        counts[index] = 0;
    }

    int firstPlace(int index) {
        return starts[index];
    }

    int placeCount(int index) {
        return lengths[index];
    }

    int place(int at) {
        return places[at];
    }

    /// Stores the places of pairs that were met in one step.
    ///
    /// @param indexes for each place the index of its pair
    /// @param found the places, rising for each pair
    void store(int[] indexes, int[] found, int count) {
        List<int[]> extended = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = indexes[i];
            if (starts[index] >= 0) {
                extended.add(new int[] {index, starts[index], lengths[index]});
                starts[index] = NONE;
            }
            lengths[index]++;
        }
        // a merge that spells a token there was already may add to a pair of long ago
        for (int[] old : extended) {
            int start = reserve(lengths[old[0]]);
            System.arraycopy(places, old[1], places, start, old[2]);
            starts[old[0]] = start;
            lengths[old[0]] = old[2];
        }
        for (int i = 0; i < count; i++) {
            int index = indexes[i];
            if (starts[index] == NONE) {
                starts[index] = reserve(lengths[index]);
                lengths[index] = 0;
            }
            places[starts[index] + lengths[index]++] = found[i];
        }
        for (int[] old : extended) {
            Arrays.sort(places, starts[old[0]], starts[old[0]] + lengths[old[0]]);
        }
    }

    private int reserve(int count) {
        int start = placesUsed;
        int needed = Math.addExact(start, count);
        if (needed > places.length) {
            places = Arrays.copyOf(places, (int)
                    Math.max(needed, Math.min(Integer.MAX_VALUE - 8, places.length * 3L / 2)));
        }
        placesUsed = needed;
        return start;
    }
}
