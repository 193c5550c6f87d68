package io.localcodemodel.tokenizer;

import java.util.Arrays;

/// A heap of pairs, the most frequent first and among equals the lowest pair first.
///
/// Counts change all the time, and mostly sink; an entry keeps the count it was put in with, and whoever takes it out
/// compares it with the count of the day.
final class PairHeap {

    private long[] counts;
    private long[] pairs;
    private int[] indexes;
    private int size;

    PairHeap(int capacity) {
        counts = new long[capacity];
        pairs = new long[capacity];
        indexes = new int[capacity];
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// Returns the count with which the first entry was put in.
    long count() {
        return counts[0];
    }

    /// Returns the index of the pair of the first entry.
    int index() {
        return indexes[0];
    }

    void add(long count, long pair, int index) {
        if (size == counts.length) {
            int capacity = Math.max(16, size * 2);
            counts = Arrays.copyOf(counts, capacity);
            pairs = Arrays.copyOf(pairs, capacity);
            indexes = Arrays.copyOf(indexes, capacity);
        }
        int i = size++;
        while (i > 0) {
            int parent = (i - 1) >> 1;
            if (!isBefore(count, pair, parent)) {
                break;
            }
            move(parent, i);
            i = parent;
        }
        put(i, count, pair, index);
    }

    void removeFirst() {
        size--;
        if (size > 0) {
            sink(counts[size], pairs[size], indexes[size]);
        }
    }

    /// Gives the first entry the count of the day.
    void lowerFirst(long count) {
        sink(count, pairs[0], indexes[0]);
    }

    private void sink(long count, long pair, int index) {
        int i = 0;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(counts[child + 1], pairs[child + 1], child)) {
                child++;
            }
            if (isBefore(count, pair, child)) {
                break;
            }
            move(child, i);
            i = child;
        }
        put(i, count, pair, index);
    }

    private boolean isBefore(long count, long pair, int other) {
        return count > counts[other] || (count == counts[other] && pair < pairs[other]);
    }

    private void move(int from, int to) {
        put(to, counts[from], pairs[from], indexes[from]);
    }

    private void put(int at, long count, long pair, int index) {
        counts[at] = count;
        pairs[at] = pair;
        indexes[at] = index;
    }
}
