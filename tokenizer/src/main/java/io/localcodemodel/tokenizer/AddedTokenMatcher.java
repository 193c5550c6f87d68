package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Finds added tokens in a text: from left to right, of those that begin at one place the longest.
///
/// All tokens share one trie, so a text is walked through once however many there are; a byte that no token begins
/// with costs one look-up.
final class AddedTokenMatcher {

    private static final int NONE = -1;

    private final List<AddedToken> tokens = new ArrayList<>();
    private final int[] roots = new int[256];
    private int[] tokenAt = new int[16];
    private long[] edges = new long[64];
    private int nodes;
    private int edgeCount;

    /// @param tokens the tokens to find
    /// @param spelling what a token is written as in the text that will be searched
    AddedTokenMatcher(List<AddedToken> tokens, UnaryOperator<String> spelling) {
        Arrays.fill(roots, NONE);
        Arrays.fill(edges, NONE);
        for (AddedToken token : tokens) {
            insert(token, spelling.apply(token.content()).getBytes(StandardCharsets.UTF_8));
        }
    }

    boolean isEmpty() {
        return tokens.isEmpty();
    }

    private void insert(AddedToken token, byte[] content) {
        if (content.length == 0) {
            return;
        }
        int node = roots[content[0] & 0xFF];
        if (node == NONE) {
            node = newNode();
            roots[content[0] & 0xFF] = node;
        }
        for (int i = 1; i < content.length; i++) {
            int child = child(node, content[i]);
            if (child == NONE) {
                child = newNode();
                addEdge(node, content[i], child);
            }
            node = child;
        }
        if (tokenAt[node] == NONE) {
            tokenAt[node] = tokens.size();
            tokens.add(token);
        }
    }

    private int newNode() {
        if (nodes == tokenAt.length) {
            tokenAt = Arrays.copyOf(tokenAt, nodes * 2);
        }
        tokenAt[nodes] = NONE;
        return nodes++;
    }

    /// An edge packs node, byte and child: 31, 8 and 24 bits are more than a file of tokens can fill.
    private void addEdge(int node, byte value, int child) {
        if (++edgeCount * 2 > edges.length) {
            long[] old = edges;
            edges = new long[old.length * 2];
            Arrays.fill(edges, NONE);
            for (long edge : old) {
                if (edge != NONE) {
                    place(edge);
                }
            }
        }
        place(((long) node << 8 | (value & 0xFF)) << 28 | child);
    }

    private void place(long edge) {
        int slot = slotOf(edge >>> 28);
        while (edges[slot] != NONE) {
            slot = slot + 1 & edges.length - 1;
        }
        edges[slot] = edge;
    }

    private int slotOf(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32) & edges.length - 1;
    }

    private int child(int node, byte value) {
        long key = (long) node << 8 | (value & 0xFF);
        for (int slot = slotOf(key); edges[slot] != NONE; slot = slot + 1 & edges.length - 1) {
            if (edges[slot] >>> 28 == key) {
                return (int) edges[slot] & (1 << 28) - 1;
            }
        }
        return NONE;
    }

    /// Walks over the tokens in a part of a text.
    final class Cursor {

        private final Text text;
        private final int from;
        private final int to;
        private int at;
        private int start;
        private int end;
        private int id;
        private final @Nullable ConversationPlaces conversation;

        /// @param conversation where no special token and no mark of a gap is recognised, or null if they are everywhere
        Cursor(Text text, int from, int to, @Nullable ConversationPlaces conversation) {
            this.text = text;
            this.conversation = conversation;
            this.from = from;
            this.at = from;
            this.to = to;
        }

        int start() {
            return start;
        }

        int end() {
            return end;
        }

        int id() {
            return id;
        }

        /// Goes to the next token, and says whether there is one.
        boolean find() {
            byte[] utf8 = text.utf8();
            int floor = at;
            for (int i = at; i < to; ) {
                int node = roots[utf8[i] & 0xFF];
                if (node == NONE) {
                    i++;
                    continue;
                }
                int best = NONE;
                int bestEnd = i;
                for (int j = i + 1; ; j++) {
                    if (tokenAt[node] != NONE && mayCount(tokens.get(tokenAt[node]), i, j)) {
                        best = tokenAt[node];
                        bestEnd = j;
                    }
                    if (j == to) {
                        break;
                    }
                    node = child(node, utf8[j]);
                    if (node == NONE) {
                        break;
                    }
                }
                if (best == NONE) {
                    i++;
                } else if (accept(tokens.get(best), floor, i, bestEnd)) {
                    at = end;
                    return true;
                } else {
                    i = bestEnd;
                }
            }
            return false;
        }

        private boolean mayCount(AddedToken token, int from, int after) {
            return conversation == null || !token.controls() || conversation.areFree(text, from, after);
        }

        private boolean accept(AddedToken token, int floor, int first, int after) {
            byte[] utf8 = text.utf8();
            // what is outside this part is another token, not a word that touches
            if (token.singleWord()
                    && ((first > from && isWord(utf8, Utf8.before(utf8, first)))
                            || (after < to && isWord(utf8, after)))) {
                return false;
            }
            start = first;
            end = after;
            id = token.id();
            if (token.stripLeft()) {
                while (start > floor && isWhiteSpace(utf8, Utf8.before(utf8, start))) {
                    start = Utf8.before(utf8, start);
                }
            }
            if (token.stripRight()) {
                end = Scans.whiteSpace(utf8, end, to);
            }
            return true;
        }

        private static boolean isWhiteSpace(byte[] utf8, int at) {
            return CharacterClasses.isWhiteSpace(CharacterClasses.at(utf8, at));
        }

        private static boolean isWord(byte[] utf8, int at) {
            return utf8[at] == '_' || CharacterClasses.at(utf8, at) >= CharacterClasses.NUMBER;
        }
    }
}
