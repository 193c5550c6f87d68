package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.List;

/// The bytes of every token in one array, with a table that finds a token by its bytes.
final class TokenBytes {

    private static final int NONE = -1;

    private final byte[] bytes;
    private final int[] offsets;
    private final int[] table;

    /// @param tokens the bytes of each token, in the order of ids; an empty one is not found
    TokenBytes(List<byte[]> tokens) {
        int total = 0;
        for (byte[] token : tokens) {
            total = Math.addExact(total, token.length);
        }
        bytes = new byte[total];
        offsets = new int[tokens.size() + 1];
        int at = 0;
        for (int id = 0; id < tokens.size(); id++) {
            byte[] token = tokens.get(id);
            System.arraycopy(token, 0, bytes, at, token.length);
            at += token.length;
            offsets[id + 1] = at;
        }
        table = new int[Integer.highestOneBit(Math.max(8, tokens.size())) * 4];
        Arrays.fill(table, NONE);
        for (int id = 0; id < tokens.size(); id++) {
            if (length(id) > 0 && find(bytes, offsets[id], offsets[id + 1]) == NONE) {
                int slot = hash(bytes, offsets[id], offsets[id + 1]) & table.length - 1;
                while (table[slot] != NONE) {
                    slot = slot + 1 & table.length - 1;
                }
                table[slot] = id;
            }
        }
    }

    /// Returns the id of the token spelled by the bytes `from` to `to`, or -1.
    int find(byte[] in, int from, int to) {
        for (int slot = hash(in, from, to) & table.length - 1; ; slot = slot + 1 & table.length - 1) {
            int id = table[slot];
            if (id == NONE) {
                return NONE;
            }
            if (Arrays.equals(bytes, offsets[id], offsets[id + 1], in, from, to)) {
                return id;
            }
        }
    }

    private static int hash(byte[] in, int from, int to) {
        long hash = 0;
        for (int i = from; i < to; i++) {
            hash = (hash ^ (in[i] & 0xFF)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return (int) (hash ^ hash >>> 32);
    }

    /// Returns the number of bytes of a token.
    int length(int id) {
        return offsets[id + 1] - offsets[id];
    }

    /// Writes the bytes of a token and returns how many there are.
    int copy(int id, byte[] into, int at) {
        int length = length(id);
        System.arraycopy(bytes, offsets[id], into, at, length);
        return length;
    }

    /// Returns a copy of the bytes of a token.
    byte[] get(int id) {
        return Arrays.copyOfRange(bytes, offsets[id], offsets[id + 1]);
    }
}
