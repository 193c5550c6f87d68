package io.localcodemodel.inference;

import java.util.Arrays;

/// Token ids that grow at the end.
final class TokenList {
    private int[] ids = new int[64];
    private int length;

    int length() {
        return length;
    }

    /// The ids, of which the first [#length()] count.
    int[] array() {
        return ids;
    }

    int get(int index) {
        return ids[index];
    }

    void add(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, 2 * length);
        }
        ids[length++] = id;
    }

    void addAll(int[] added) {
        for (int id : added) {
            add(id);
        }
    }

    void set(int[] replacement) {
        length = 0;
        addAll(replacement);
    }

    void cut(int kept) {
        length = kept;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, length);
    }

    boolean startsWith(int[] prefix) {
        return prefix.length <= length && Arrays.mismatch(prefix, 0, prefix.length, ids, 0, prefix.length) < 0;
    }
}
