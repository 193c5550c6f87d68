package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The definition of BPE training, plainly: all pairs are counted anew for each merge.
///
/// Ids are those of the bytes, 0 to 255, and then of the merges in their order.
final class NaiveBpe {

    private final List<List<Integer>> words = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private int nextId = 256;
    private Map<Long, Long> pairs = new HashMap<>();

    NaiveBpe(Splitter splitter, String text) {
        Map<String, Integer> seen = new HashMap<>();
        Text whole = Text.of(text);
        splitter.split(whole, 0, whole.length(), (word, from, to) -> {
            int index = seen.computeIfAbsent(word.string(from, to), string -> {
                List<Integer> symbols = new ArrayList<>();
                for (int i = from; i < to; i++) {
                    symbols.add(word.utf8()[i] & 0xFF);
                }
                words.add(symbols);
                counts.add(0L);
                return words.size() - 1;
            });
            counts.set(index, counts.get(index) + 1);
        });
        countPairs();
    }

    private void countPairs() {
        pairs = new HashMap<>();
        for (int w = 0; w < words.size(); w++) {
            List<Integer> word = words.get(w);
            for (int i = 0; i + 1 < word.size(); i++) {
                pairs.merge(key(word.get(i), word.get(i + 1)), counts.get(w), Long::sum);
            }
        }
    }

    private static long key(int left, int right) {
        return ((long) left << 32) | right;
    }

    long count(int left, int right) {
        return pairs.getOrDefault(key(left, right), 0L);
    }

    long highestCount() {
        return pairs.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    long pairsWith(long count) {
        return pairs.values().stream().filter(other -> other == count).count();
    }

    /// Returns the pair with the highest count, of several the one with the lowest rank in the given order of ids.
    long best(int[] order) {
        long highest = highestCount();
        return pairs.entrySet().stream()
                .filter(entry -> entry.getValue() == highest)
                .map(Map.Entry::getKey)
                .min((a, b) -> Long.compare(
                        key(order[(int) (a >>> 32)], order[(int) (long) a]),
                        key(order[(int) (b >>> 32)], order[(int) (long) b])))
                .orElseThrow();
    }

    void merge(int left, int right) {
        int id = nextId++;
        for (List<Integer> word : words) {
            for (int i = 0; i + 1 < word.size(); i++) {
                if (word.get(i) == left && word.get(i + 1) == right) {
                    word.set(i, id);
                    word.subList(i + 1, i + 2).clear();
                }
            }
        }
        countPairs();
    }
}
