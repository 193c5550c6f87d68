package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Learns merges from counted words: again and again the pair of neighbours that occurs most often becomes a token
/// (Sennrich et al. 2016, algorithm 1). Of pairs that occur equally often the one with the lowest ids comes first.
///
/// Counts are kept up to date where a merge changes the neighbourhood, and pairs wait in a heap with the counts they
/// had when they were put in; since counts sink, the first entry is compared with the count of the day and put back
/// if it has sunk. A pair inside a run, as in `aaa`, is counted at each place, overlapping or not.
///
/// The places are those of the word table's bytes: `symbols[p]` is the symbol that begins at byte `p`, or [#GONE], and
/// `ending[p]` is where the symbol that ends with byte `p` begins.
final class BpeLearner {

    /// Stands where no symbol begins.
    static final int GONE = -1;

    private final WordCounts words;
    private final int[] symbols;
    private final int[] ending;
    private final int[] wordAt;
    private final List<String> tokens;
    private final String prefix;
    private final Map<String, Integer> ids = new HashMap<>();
    private int[] lengths;

    private final PairTable pairs;
    private final PairHeap heap;

    private int[] metIndexes = new int[1024];
    private int[] metPlaces = new int[1024];
    private int met;

    /// @param words the counted words
    /// @param symbols what each word begins as, which is taken over
    /// @param tokens the tokens there are; each merge adds one, unless it makes one that is there, as a special token
    /// @param prefix what tokens that go on within a word begin with; may be empty
    BpeLearner(WordCounts words, int[] symbols, List<String> tokens, String prefix) {
        this.words = words;
        this.symbols = symbols;
        this.tokens = tokens;
        this.prefix = prefix;
        this.lengths = new int[tokens.size() + 1024];
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        int bytes = words.bytes();
        ending = new int[bytes];
        wordAt = new int[bytes];
        pairs = new PairTable(bytes);
        fill();
        heap = new PairHeap(pairs.size() + 16);
        for (int index = 0; index < pairs.size(); index++) {
            heap.add(pairs.count(index), pairs.pair(index), index);
        }
    }

    private void fill() {
        int[] indexes = new int[words.bytes()];
        int[] places = new int[words.bytes()];
        int count = 0;
        for (int word = 0; word < words.size(); word++) {
            int next;
            for (int p = words.start(word); p < words.end(word); p = next) {
                next = p + 1;
                while (next < words.end(word) && symbols[next] == GONE) {
                    next++;
                }
                lengths[symbols[p]] = next - p;
                ending[next - 1] = p;
                wordAt[p] = word;
                if (p > words.start(word)) {
                    int before = ending[p - 1];
                    int index = pairs.findOrAdd(PairTable.key(symbols[before], symbols[p]));
                    pairs.addCount(index, words.count(word));
                    indexes[count] = index;
                    places[count++] = before;
                }
            }
        }
        pairs.store(indexes, places, count);
    }

    /// Adds the next merge to a list and its token to the vocabulary, and says whether there was one.
    ///
    /// @param minimumFrequency pairs that occur more rarely are not merged
    boolean step(long minimumFrequency, MergeTable.Builder merges) {
        while (!heap.isEmpty()) {
            int index = heap.index();
            long count = pairs.count(index);
            if (count < Math.max(1, minimumFrequency)) {
                heap.removeFirst();
            } else if (count < heap.count()) {
                heap.lowerFirst(count);
            } else {
                heap.removeFirst();
                merge(index, merges);
                return true;
            }
        }
        return false;
    }

    private void merge(int index, MergeTable.Builder merges) {
        int left = pairs.left(index);
        int right = pairs.right(index);
        String token = tokens.get(left) + tokens.get(right).substring(prefix.length());
        Integer known = ids.get(token);
        int becomes = known == null ? tokens.size() : known;
        if (known == null) {
            tokens.add(token);
            ids.put(token, becomes);
            if (becomes >= lengths.length) {
                lengths = Arrays.copyOf(lengths, lengths.length * 2);
            }
        }
        lengths[becomes] = lengths[left] + lengths[right];
        merges.add(left, right, merges.size(), becomes);
        met = 0;
        int first = pairs.firstPlace(index);
        int end = first + pairs.placeCount(index);
        for (int i = first; i < end; i++) {
            mergeAt(pairs.place(i), left, right, becomes);
        }
        pairs.clearCount(index);
        listNewPairs();
    }

    private void mergeAt(int place, int left, int right, int becomes) {
        if (symbols[place] != left) {
            return;
        }
        int word = wordAt[place];
        int second = place + lengths[left];
        int wordEnd = words.end(word);
        if (second >= wordEnd || symbols[second] != right) {
            return;
        }
        long count = words.count(word);
        int after = second + lengths[right];
        symbols[place] = becomes;
        symbols[second] = GONE;
        ending[after - 1] = place;
        if (place > words.start(word)) {
            int before = ending[place - 1];
            change(symbols[before], left, -count);
            meet(symbols[before], becomes, count, before);
        }
        if (after < wordEnd) {
            change(right, symbols[after], -count);
            meet(becomes, symbols[after], count, place);
        }
    }

    private void change(int left, int right, long change) {
        int index = pairs.find(PairTable.key(left, right));
        pairs.addCount(index, change);
    }

    private void meet(int left, int right, long count, int place) {
        int index = pairs.findOrAdd(PairTable.key(left, right));
        pairs.addCount(index, count);
        if (met == metIndexes.length) {
            metIndexes = Arrays.copyOf(metIndexes, met * 2);
            metPlaces = Arrays.copyOf(metPlaces, met * 2);
        }
        metIndexes[met] = index;
        metPlaces[met++] = place;
    }

    /// Stores the places of the pairs that the last merge made, and puts each into the heap once.
    private void listNewPairs() {
        pairs.store(metIndexes, metPlaces, met);
        for (int i = 0; i < met; i++) {
            int index = metIndexes[i];
            // the first place of a pair speaks for all of them
            if (pairs.place(pairs.firstPlace(index)) == metPlaces[i] && pairs.count(index) > 0) {
                heap.add(pairs.count(index), pairs.pair(index), index);
            }
        }
    }

    int vocabularySize() {
        return tokens.size();
    }
}
