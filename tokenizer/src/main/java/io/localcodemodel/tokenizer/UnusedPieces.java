package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// The pieces of a SentencePiece vocabulary that are merged like others but never given: each is taken apart again into the
/// two that it was merged from, until none of them is left (`resegment` in `bpe_model.cc`).
final class UnusedPieces {

    private final Map<Integer, Token[]> parts = new HashMap<>();

    /// @param length the length of its text in bytes
    record Token(int id, int length) {}

    /// @param unused the pieces
    /// @param characters the id of each character, or -1
    UnusedPieces(BitSet unused, Vocabulary vocabulary, MergeTable merges, IntUnaryOperator characters) {
        Map<Integer, int[]> pairs = new HashMap<>();
        unused.stream().forEach(id -> {
            int[] symbols = vocabulary.token(id).codePoints().map(characters).toArray();
            if (mergeToTwo(symbols, merges) && merges.merged(merges.rank(symbols[0], symbols[1])) == id) {
                pairs.put(id, symbols);
            }
        });
        for (Integer id : pairs.keySet()) {
            List<Token> taken = new ArrayList<>();
            takeApart(id, pairs, vocabulary, taken);
            parts.put(id, taken.toArray(new Token[0]));
        }
    }

    /// Merges until two symbols, which can be merged as well, stand at the beginning, and says whether that is reached.
    private static boolean mergeToTwo(int[] symbols, MergeTable merges) {
        for (int count = symbols.length; count >= 2; count--) {
            int best = 0;
            int lowest = MergeTable.NO_RANK;
            for (int i = 0; i + 1 < count; i++) {
                int rank = symbols[i] < 0 || symbols[i + 1] < 0
                        ? MergeTable.NO_RANK
                        : merges.rank(symbols[i], symbols[i + 1]);
                if (rank < lowest) {
                    lowest = rank;
                    best = i;
                }
            }
            if (lowest == MergeTable.NO_RANK || count == 2) {
                return lowest != MergeTable.NO_RANK;
            }
            symbols[best] = merges.merged(lowest);
            System.arraycopy(symbols, best + 2, symbols, best + 1, count - best - 2);
        }
        return false;
    }

    private static void takeApart(int id, Map<Integer, int[]> pairs, Vocabulary vocabulary, List<Token> taken) {
        int[] pair = pairs.get(id);
        if (pair == null) {
            taken.add(new Token(id, vocabulary.token(id).getBytes(StandardCharsets.UTF_8).length));
        } else {
            takeApart(pair[0], pairs, vocabulary, taken);
            takeApart(pair[1], pairs, vocabulary, taken);
        }
    }

    /// Returns what a piece is taken apart into, or null if it is given as it is.
    Token @Nullable [] parts(int id) {
        return parts.get(id);
    }
}
