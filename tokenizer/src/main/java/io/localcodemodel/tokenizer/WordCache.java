package io.localcodemodel.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The tokens of words seen lately, in flat arrays, without an object per word.
///
/// A bucket is one cache line with two entries of four `long`s: two of key, two of tokens. A word of up to 15 bytes
/// is its own key, with its length in the top byte. A longer one, up to [#LONGEST], is keyed by a hash and the place
/// of its bytes in a pool. An entry holds up to five tokens, or the place of more of them in another pool. A new word
/// goes to the front of its bucket and pushes out the older of the two; when a pool is full, all is forgotten. So the
/// memory is bounded.
///
/// One cache serves one thread; each encoding takes a buffer with its own cache from a pool, which needs no lock and
/// shares no cache line.
final class WordCache {

    /// Words of more bytes are not kept.
    static final int LONGEST = 96;

    private static final int INLINE = 15;
    private static final int MOST_TOKENS = 5;
    private static final int POOLED = 15;
    private static final int BITS = 21;
    private static final int MASK = (1 << BITS) - 1;
    private static final int ENTRY = 4;
    private static final int BUCKET = 2 * ENTRY;
    private static final int LEAST_BUCKETS_LOG2 = 7;
    private static final int MOST_BUCKETS_LOG2 = 14;
    private static final int POOL = 1 << 20;
    private static final int ID_POOL = 1 << 18;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long[] FIRST_MASKS = new long[INLINE + 1];
    private static final long[] SECOND_MASKS = new long[INLINE + 1];

    static {
        for (int length = 0; length <= INLINE; length++) {
            FIRST_MASKS[length] = length >= 8 ? -1 : (1L << (length * 8)) - 1;
            SECOND_MASKS[length] = length <= 8 ? 0 : (1L << ((length - 8) * 8)) - 1;
        }
    }

    private int bucketsLog2 = LEAST_BUCKETS_LOG2;
    private long[] table = new long[BUCKET << bucketsLog2];
    private int stored;
    private byte[] pool = new byte[0];
    private int pooled;
    private int[] idPool = new int[0];
    private int idsPooled;

    private long key0;
    private long key1;

    /// Appends the tokens of a word if it is known, and says whether it was.
    ///
    /// If not, [#put] may follow for the same word.
    boolean append(byte[] utf8, int from, int to, TokenBuffer tokens) {
        int length = to - from;
        if (length > INLINE) {
            return appendLong(utf8, from, to, tokens);
        }
        long first;
        long second;
        if (from + 16 <= utf8.length) {
            // masks rather than a branch on the length, which no processor can predict
            first = (long) LONGS.get(utf8, from) & FIRST_MASKS[length];
            second = (long) LONGS.get(utf8, from + 8) & SECOND_MASKS[length];
        } else {
            first = gather(utf8, from, Math.min(to, from + 8));
            second = gather(utf8, from + 8, to);
        }
        second |= (long) length << 56;
        key0 = first;
        key1 = second;
        long[] entries = table;
        int at = bucket(first, second);
        if (entries[at] == first && entries[at + 1] == second) {
            found(entries, at, tokens);
            return true;
        }
        if (entries[at + ENTRY] == first && entries[at + ENTRY + 1] == second) {
            found(entries, at + ENTRY, tokens);
            return true;
        }
        return false;
    }

    private static long gather(byte[] utf8, int from, int to) {
        long value = 0;
        for (int i = to - 1; i >= from; i--) {
            value = value << 8 | (utf8[i] & 0xFF);
        }
        return value;
    }

    private int bucket(long first, long second) {
        long hash = first * 0x9E3779B97F4A7C15L ^ second * 0xC2B2AE3D27D4EB4FL;
        hash = (hash ^ hash >>> 32) * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> (64 - bucketsLog2)) * BUCKET;
    }

    private void found(long[] entries, int at, TokenBuffer tokens) {
        long packed = entries[at + 2];
        long more = entries[at + 3];
        int count = (int) (packed >>> 60);
        if (count == POOLED) {
            tokens.addAll(idPool, (int) packed, (int) more);
        } else {
            // all five are written, whatever the count
            tokens.addUpToFive(
                    count,
                    (int) packed & MASK,
                    (int) (packed >>> BITS) & MASK,
                    (int) more & MASK,
                    (int) (more >>> BITS) & MASK,
                    (int) (more >>> (2 * BITS)) & MASK);
        }
    }

    private boolean appendLong(byte[] utf8, int from, int to, TokenBuffer tokens) {
        int length = to - from;
        long hash = length;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            hash = (hash ^ (long) LONGS.get(utf8, i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        hash = (hash ^ gather(utf8, i, to)) * 0xC2B2AE3D27D4EB4FL;
        hash ^= hash >>> 29;
        key0 = hash;
        key1 = (long) length << 56;
        long[] entries = table;
        int at = bucket(hash, key1);
        for (int entry = at; entry < at + BUCKET; entry += ENTRY) {
            if (entries[entry] == hash && entries[entry + 1] >>> 56 == length) {
                int place = (int) entries[entry + 1];
                if (Arrays.equals(pool, place, place + length, utf8, from, to)) {
                    found(entries, entry, tokens);
                    return true;
                }
            }
        }
        return false;
    }

    /// Keeps the tokens of the word that was last looked for in vain.
    void put(byte[] utf8, int from, int to, int[] ids, int count) {
        if (count == 0) {
            return;
        }
        int length = to - from;
        if (stored >= 2 << bucketsLog2 && bucketsLog2 < MOST_BUCKETS_LOG2) {
            grow();
        }
        stored++;
        boolean inline = count <= MOST_TOKENS;
        // both pools grow as needed even where one of them is full: after the clearing both are written to
        boolean bytesFit = length <= INLINE || reserveBytes(length);
        boolean idsFit = inline || reserveIds(count);
        if (!bytesFit || !idsFit) {
            clear();
        }
        long place = 0;
        if (length > INLINE) {
            System.arraycopy(utf8, from, pool, pooled, length);
            place = pooled;
            pooled += length;
        }
        if (inline) {
            insert(key0, key1 | place, packed(ids, count), more(ids, count));
        } else {
            System.arraycopy(ids, 0, idPool, idsPooled, count);
            insert(key0, key1 | place, ((long) POOLED << 60) | idsPooled, count);
            idsPooled += count;
        }
    }

    private static long packed(int[] ids, int count) {
        return ((long) count << 60) | ids[0] | (count > 1 ? (long) ids[1] << BITS : 0);
    }

    private static long more(int[] ids, int count) {
        long more = 0;
        for (int i = count - 1; i >= 2; i--) {
            more = (more << BITS) | ids[i];
        }
        return more;
    }

    private void insert(long first, long second, long packed, long more) {
        // the place in the pool is no part of what a long word is found by
        int at = bucket(first, second >>> 56 > INLINE ? second >>> 56 << 56 : second);
        System.arraycopy(table, at, table, at + ENTRY, ENTRY);
        table[at] = first;
        table[at + 1] = second;
        table[at + 2] = packed;
        table[at + 3] = more;
    }

    private void grow() {
        long[] old = table;
        bucketsLog2 += 2;
        table = new long[BUCKET << bucketsLog2];
        for (int at = 0; at < old.length; at += BUCKET) {
            for (int entry = at + ENTRY; entry >= at; entry -= ENTRY) {
                if (old[entry + 2] != 0) {
                    insert(old[entry], old[entry + 1], old[entry + 2], old[entry + 3]);
                }
            }
        }
        stored = 0;
    }

    private boolean reserveBytes(int needed) {
        if (pooled + needed > pool.length && pool.length < POOL) {
            pool = Arrays.copyOf(pool, Math.min(POOL, Math.max(4096, pool.length * 4)));
        }
        return pooled + needed <= pool.length;
    }

    private boolean reserveIds(int needed) {
        if (idsPooled + needed > idPool.length && idPool.length < ID_POOL) {
            idPool = Arrays.copyOf(idPool, Math.min(ID_POOL, Math.max(1024, idPool.length * 4)));
        }
        return idsPooled + needed <= idPool.length;
    }

    private void clear() {
        Arrays.fill(table, 0);
        pooled = 0;
        idsPooled = 0;
        stored = 0;
    }
}
