package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Finds the pieces of a vocabulary that a text goes on with, byte by byte.
///
/// A double array (Aoe 1989): the child of node `n` for byte `b` is `base[n] + b` if that node's check is `n`. Base and
/// check lie beside each other, so a step reads one cache line. It is built from the sorted pieces; a node with
/// several children takes the first of some places tried where all of them fit, and else the end of the array, so
/// building takes linear time whatever the pieces.
final class PieceTrie {

    /// No piece ends at a node, or there is no such node.
    static final int NONE = -1;

    static final int ROOT = 0;

    /// The check of the root, which is nobody's child.
    private static final int NOBODY = -2;
    private static final int PLACES_TRIED = 256;

    /// `base` and `check` of each node.
    private int[] nodes = new int[1 << 12];
    /// The piece that ends at each node.
    private int[] ends = new int[1 << 11];
    private int used = 1;
    private int firstFree = 1;

    /// @param pieces the pieces in the order of their ids; an empty one is not found, of equal ones the last is
    PieceTrie(List<byte[]> pieces) {
        Arrays.fill(nodes, NONE);
        Arrays.fill(ends, NONE);
        int[] ids = IntStream.range(0, pieces.size())
                .filter(id -> pieces.get(id).length > 0)
                .boxed()
                .sorted(Comparator.comparing(pieces::get, Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        byte[][] sorted = new byte[ids.length][];
        for (int i = 0; i < ids.length; i++) {
            sorted[i] = pieces.get(ids[i]);
        }
        nodes[1] = NOBODY;
        new Building(sorted, ids).run();
    }

    /// Returns the node that a byte leads to, or [#NONE].
    int child(int node, byte value) {
        int child = nodes[2 * node] + (value & 0xFF);
        return nodes[2 * node] >= 0 && nodes[2 * child + 1] == node ? child : NONE;
    }

    /// Returns the piece that ends at a node, or [#NONE].
    int piece(int node) {
        return ends[node];
    }

    /// Returns the longest piece that the bytes `from` to `to` begin with, and in the upper half where it ends, or a negative
    /// number if they begin with none.
    long longest(byte[] utf8, int from, int to) {
        int node = ROOT;
        int piece = NONE;
        int end = from;
        for (int at = from; at < to; ) {
            node = child(node, utf8[at++]);
            if (node == NONE) {
                break;
            }
            if (ends[node] != NONE) {
                piece = ends[node];
                end = at;
            }
        }
        return piece == NONE ? NONE : (long) end << Integer.SIZE | piece;
    }

    /// Returns where the piece that was found ends.
    static int end(long found) {
        return (int) (found >>> Integer.SIZE);
    }

    /// The nodes that are still to be given children: each stands for a range of the sorted pieces and a depth.
    private final class Building {

        private final byte[][] sorted;
        private final int[] ids;
        private int[] pending = new int[64];
        private int size;
        private final int[] children = new int[256];
        private final int[] childStarts = new int[257];

        Building(byte[][] sorted, int[] ids) {
            this.sorted = sorted;
            this.ids = ids;
        }

        void run() {
            push(ROOT, 0, sorted.length, 0);
            while (size > 0) {
                size -= 4;
                expand(pending[size], pending[size + 1], pending[size + 2], pending[size + 3]);
            }
        }

        private void push(int node, int from, int to, int depth) {
            if (size + 4 > pending.length) {
                pending = Arrays.copyOf(pending, pending.length * 2);
            }
            pending[size++] = node;
            pending[size++] = from;
            pending[size++] = to;
            pending[size++] = depth;
        }

        private void expand(int node, int from, int to, int depth) {
            int at = from;
            while (at < to && sorted[at].length == depth) {
                ends[node] = ids[at++];
            }
            int count = 0;
            for (int i = at; i < to; i++) {
                int value = sorted[i][depth] & 0xFF;
                if (count == 0 || children[count - 1] != value) {
                    childStarts[count] = i;
                    children[count++] = value;
                }
            }
            if (count == 0) {
                return;
            }
            childStarts[count] = to;
            int base = place(count);
            nodes[2 * node] = base;
            for (int i = 0; i < count; i++) {
                int child = base + children[i];
                nodes[2 * child + 1] = node;
                used = Math.max(used, child + 1);
                push(child, childStarts[i], childStarts[i + 1], depth + 1);
            }
        }

        /// Returns a base at which all children fall on free places.
        private int place(int count) {
            while (isTaken(firstFree)) {
                firstFree++;
            }
            int last = Math.min(used, firstFree + PLACES_TRIED);
            for (int free = firstFree; free < last; free++) {
                int base = free - children[0];
                if (base >= 0 && !isTaken(free) && fits(base, count)) {
                    return reserved(base);
                }
            }
            return reserved(used);
        }

        private boolean isTaken(int place) {
            return place < used && nodes[2 * place + 1] != NONE;
        }

        private boolean fits(int base, int count) {
            for (int i = 1; i < count; i++) {
                if (isTaken(base + children[i])) {
                    return false;
                }
            }
            return true;
        }

        /// Makes room for all children that a node could have, so that a look-up needs no check of bounds.
        private int reserved(int base) {
            int needed = base + 256;
            if (needed > ends.length) {
                int before = ends.length;
                int capacity = Math.max(needed, Math.multiplyExact(before, 2));
                ends = Arrays.copyOf(ends, capacity);
                nodes = Arrays.copyOf(nodes, Math.multiplyExact(capacity, 2));
                Arrays.fill(ends, before, capacity, NONE);
                Arrays.fill(nodes, 2 * before, 2 * capacity, NONE);
            }
            return base;
        }
    }
}
