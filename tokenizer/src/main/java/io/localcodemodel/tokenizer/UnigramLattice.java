package io.localcodemodel.tokenizer;

import java.util.Arrays;

/// The best ways to spell the beginnings of a text, and the tokens of the best way to spell all of it.
///
/// Where no piece lies across a place, the best way up to there is final: its tokens are handed over and its memory
/// is used again, so a long text needs no more of it than a short one. The sum of scores goes on, since rounding, and
/// with it the choice between equally good ways, depends on it.
final class UnigramLattice implements Speller {

    private static final int INITIAL = 1 << 11;
    private static final int KEEP = 1 << 16;
    private static final int UNSET = -1;

    private final Unigram model;
    private final PieceTrie trie;
    private double[] best = new double[INITIAL];
    /// Where the last piece of the best way begins, counted like the index itself from [#base] on.
    private int[] origins = new int[INITIAL];
    private int[] ids = new int[INITIAL];
    private int base;
    private int reach;

    UnigramLattice(Unigram model) {
        this.model = model;
        this.trie = model.trie();
        Arrays.fill(origins, UNSET);
    }

    @Override
    public void spell(byte[] utf8, int from, int to, Spelling spelling) {
        base = from;
        reach = from;
        best[0] = 0;
        for (int at = from; at < to; at += Utf8.length(utf8[at])) {
            if (at == reach && at > base && !isUnknown(ids[at - base])) {
                handOver(utf8, at, spelling);
            }
            extend(utf8, at, to);
        }
        if (from < to) {
            handOver(utf8, to, spelling);
        }
        if (best.length > KEEP) {
            best = new double[INITIAL];
            ids = new int[INITIAL];
            origins = new int[INITIAL];
            Arrays.fill(origins, UNSET);
        }
    }

    private boolean isUnknown(int id) {
        return id == Unigram.NONE;
    }

    /// Goes on from one place with every piece that begins there.
    private void extend(byte[] utf8, int at, int to) {
        reserve(at - base + SentencePieces.LONGEST_PIECE + 1);
        // all that the loop reads is at hand: the compiler cannot know that its writes do not change the fields
        PieceTrie pieces = trie;
        double[] scores = model.scores();
        boolean single = model.singlePrecision();
        double[] sums = best;
        int start = at - base;
        double score = sums[start];
        int next = at + Utf8.length(utf8[at]);
        boolean known = false;
        int end = at;
        int node = PieceTrie.ROOT;
        for (int i = at; i < to; ) {
            node = pieces.child(node, utf8[i++]);
            if (node == PieceTrie.NONE) {
                break;
            }
            int piece = pieces.piece(node);
            if (piece != PieceTrie.NONE) {
                double sum = score + scores[piece];
                consider(i - base, start, piece, single ? (float) sum : sum);
                known |= i == next;
                end = i;
            }
        }
        if (!known) {
            double sum = score + model.unknownScore();
            consider(next - base, start, Unigram.NONE, single ? (float) sum : sum);
            end = Math.max(end, next);
        }
        reach = Math.max(reach, end);
    }

    private void consider(int at, int start, int id, double sum) {
        if (origins[at] == UNSET || sum > best[at]) {
            best[at] = sum;
            origins[at] = start;
            ids[at] = id;
        }
    }

    private void reserve(int size) {
        if (size > origins.length) {
            int before = origins.length;
            int capacity = Math.max(size, Math.multiplyExact(before, 2));
            best = Arrays.copyOf(best, capacity);
            ids = Arrays.copyOf(ids, capacity);
            origins = Arrays.copyOf(origins, capacity);
            Arrays.fill(origins, before, capacity, UNSET);
        }
    }

    /// Appends the tokens of the best way to `end`, and begins anew from there.
    private void handOver(byte[] utf8, int end, Spelling spelling) {
        int last = end - base;
        reverse(last);
        int unknownFrom = UNSET;
        for (int at = 0; at < last; ) {
            int next = origins[at];
            int id = ids[at];
            if (isUnknown(id)) {
                unknownFrom = unknownFrom == UNSET ? at : unknownFrom;
            } else {
                if (unknownFrom != UNSET) {
                    addUnknown(utf8, base + unknownFrom, base + at, spelling);
                    unknownFrom = UNSET;
                }
                spelling.add(id, base + at, base + next);
            }
            at = next;
        }
        if (unknownFrom != UNSET) {
            addUnknown(utf8, base + unknownFrom, end, spelling);
        }
        best[0] = best[last];
        Arrays.fill(origins, 0, last + 1, UNSET);
        base = end;
    }

    /// Turns the links of the best way around: the index of a piece's beginning then leads to its end.
    private void reverse(int last) {
        int end = last;
        int origin = origins[end];
        int id = ids[end];
        while (end > 0) {
            int before = origins[origin];
            int idBefore = ids[origin];
            origins[origin] = end;
            ids[origin] = id;
            end = origin;
            origin = before;
            id = idBefore;
        }
    }

    /// Appends what stands for a run of unknown characters.
    private void addUnknown(byte[] utf8, int from, int to, Spelling spelling) {
        boolean asBytes = true;
        for (int i = from; i < to && asBytes; i++) {
            asBytes = model.byteId(utf8[i]) != Unigram.NONE;
        }
        if (asBytes) {
            for (int i = from; i < to; i++) {
                spelling.add(model.byteId(utf8[i]), from, to);
            }
        } else if (model.unknownId() != Unigram.NONE) {
            spelling.add(model.unknownId(), from, to);
        }
    }
}
