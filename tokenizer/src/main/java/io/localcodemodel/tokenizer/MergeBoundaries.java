package io.localcodemodel.tokenizer;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Where a text may be cut before its characters are merged: between two that no merge ever joins.
///
/// Vocabularies of SentencePiece are not cut into words first, but none of their pieces goes on beyond the end of a word; so
/// the parts of a text are spelled one by one, and those seen before need not be spelled again. Characters are told apart as
/// far as they are ASCII or `▁`.
final class MergeBoundaries {

    private static final int SPACE = 128;
    private static final int OTHER = 129;
    private static final int KINDS = 130;

    private final boolean[] joined = new boolean[KINDS * KINDS];

    private MergeBoundaries() {}

    /// Returns the places for a vocabulary, or null if what a text becomes depends on more than its merges.
    ///
    /// @param whole tokens that are found in a text as a whole
    /// @param excluded tokens that do not stand for their own characters, as those of bytes
    static @Nullable MergeBoundaries of(Vocabulary vocabulary, MergeTable merges, BitSet whole, BitSet excluded) {
        MergeBoundaries boundaries = new MergeBoundaries();
        for (int i = 0; i < merges.size(); i++) {
            String left = vocabulary.token(merges.left(i));
            String right = vocabulary.token(merges.right(i));
            if (excluded.get(merges.left(i)) || excluded.get(merges.right(i)) || left.isEmpty() || right.isEmpty()) {
                return null;
            }
            boundaries.join(left.codePointBefore(left.length()), right.codePointAt(0));
        }
        for (int id : whole.stream().toArray()) {
            int[] characters = vocabulary.token(id).codePoints().toArray();
            for (int i = 1; i < characters.length; i++) {
                boundaries.join(characters[i - 1], characters[i]);
            }
        }
        return boundaries;
    }

    private void join(int before, int after) {
        joined[kind(before) * KINDS + kind(after)] = true;
    }

    private static int kind(int codePoint) {
        return codePoint < 128 ? codePoint : codePoint == '▁' ? SPACE : OTHER;
    }

    private static int kind(byte[] utf8, int at) {
        return utf8[at] >= 0 ? utf8[at] : kind(Utf8.decode(utf8, at));
    }

    /// Returns the end of the part that begins at `at`.
    int partEnd(byte[] utf8, int at, int to) {
        int before = kind(utf8, at);
        int i = at + Utf8.length(utf8[at]);
        while (i < to) {
            int kind = kind(utf8, i);
            if (!joined[before * KINDS + kind]) {
                return i;
            }
            before = kind;
            i += Utf8.length(utf8[i]);
        }
        return to;
    }
}
