package io.localcodemodel.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// How often each word occurs in a corpus, in flat arrays: the text itself is not kept.
final class WordCounts implements Splitter.Words {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int NONE = -1;

    private byte[] pool = new byte[1 << 16];
    private int pooled;
    private int[] ends = new int[1 << 12];
    private long[] counts = new long[1 << 12];
    private int[] hashes = new int[1 << 12];
    private int size;
    private int[] table = new int[1 << 14];

    WordCounts() {
        Arrays.fill(table, NONE);
    }

    @Override
    public void word(Text text, int from, int to) {
        add(text.utf8(), from, to, 1);
    }

    /// Adds all counts of another table.
    void addAll(WordCounts other) {
        for (int word = 0; word < other.size; word++) {
            add(other.pool, other.start(word), other.end(word), other.counts[word]);
        }
    }

    private void add(byte[] utf8, int from, int to, long count) {
        int hash = hash(utf8, from, to);
        int mask = table.length - 1;
        int slot = hash & mask;
        for (int word = table[slot]; word != NONE; word = table[slot]) {
            if (hashes[word] == hash && Arrays.equals(pool, start(word), ends[word], utf8, from, to)) {
                counts[word] += count;
                return;
            }
            slot = slot + 1 & mask;
        }
        table[slot] = append(utf8, from, to, hash, count);
        if (size * 2 > table.length) {
            rehash();
        }
    }

    private static int hash(byte[] utf8, int from, int to) {
        long hash = (long) to - from;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            hash = (hash ^ (long) LONGS.get(utf8, i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        long rest = 0;
        for (; i < to; i++) {
            rest = rest << 8 | (utf8[i] & 0xFF);
        }
        hash = (hash ^ rest) * 0xC2B2AE3D27D4EB4FL;
        return (int) (hash >>> 32);
    }

    private int append(byte[] utf8, int from, int to, int hash, long count) {
        int length = to - from;
        if (pooled + length > pool.length) {
            pool = Arrays.copyOf(pool, Math.max(Math.addExact(pooled, length), larger(pool.length)));
        }
        System.arraycopy(utf8, from, pool, pooled, length);
        pooled += length;
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            counts = Arrays.copyOf(counts, size * 2);
            hashes = Arrays.copyOf(hashes, size * 2);
        }
        ends[size] = pooled;
        counts[size] = count;
        hashes[size] = hash;
        return size++;
    }

    private static int larger(int capacity) {
        return (int) Math.min(Integer.MAX_VALUE - 8, capacity * 2L);
    }

    private void rehash() {
        table = new int[table.length * 2];
        Arrays.fill(table, NONE);
        int mask = table.length - 1;
        for (int word = 0; word < size; word++) {
            int slot = hashes[word] & mask;
            while (table[slot] != NONE) {
                slot = slot + 1 & mask;
            }
            table[slot] = word;
        }
    }

    /// Returns the number of different words.
    int size() {
        return size;
    }

    /// Returns the number of bytes of all different words together.
    int bytes() {
        return pooled;
    }

    int start(int word) {
        return word == 0 ? 0 : ends[word - 1];
    }

    int end(int word) {
        return ends[word];
    }

    byte at(int index) {
        return pool[index];
    }

    /// Returns the character that begins at a byte.
    int codePoint(int index) {
        return Utf8.decode(pool, index);
    }

    /// Makes a word count for nothing.
    void forget(int word) {
        counts[word] = 0;
    }

    long count(int word) {
        return counts[word];
    }
}
