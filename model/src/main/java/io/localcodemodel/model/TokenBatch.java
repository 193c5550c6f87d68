package io.localcodemodel.model;

import io.localcodemodel.tensor.op.Sequences;
import java.util.Arrays;

/// The tokens of one forward: sequences laid end to end, none padded.
///
/// A training batch is many windows, packed documents are many short sequences, a prompt is one sequence, and a step
/// of decoding is one token for each session.
///
/// @param ids the token at each place
/// @param positions where that token stands in its own sequence, from 0
/// @param sequences where one sequence ends and the next starts
public record TokenBatch(int[] ids, int[] positions, Sequences sequences) {
    /// Checks that the three describe the same tokens.
    public TokenBatch {
        if (positions.length != ids.length || sequences.tokens() != ids.length) {
            throw new IllegalArgumentException(
                    "a batch needs one position for each token and sequences that cover all: "
                            + ids.length + " ids, " + positions.length + " positions, sequences of "
                            + sequences.tokens()
                            + " tokens");
        }
        if (ids.length == 0) {
            throw new IllegalArgumentException("a batch needs at least one token");
        }
    }

    /// Windows of equal length, each a sequence that starts at position 0.
    ///
    /// @throws IllegalArgumentException if there is none, or their lengths differ
    public static TokenBatch windows(int[][] windows) {
        int length = windows.length == 0 ? 0 : windows[0].length;
        if (length == 0) {
            throw new IllegalArgumentException("a batch needs at least one token");
        }
        int[] ids = new int[windows.length * length];
        int[] positions = new int[ids.length];
        for (int w = 0; w < windows.length; w++) {
            if (windows[w].length != length) {
                throw new IllegalArgumentException("windows must have equal lengths: window 0 has " + length
                        + " tokens, window " + w + " has " + windows[w].length);
            }
            System.arraycopy(windows[w], 0, ids, w * length, length);
        }
        Arrays.setAll(positions, i -> i % length);
        return new TokenBatch(ids, positions, Sequences.equal(windows.length, length));
    }

    /// One sequence, or the continuation of one.
    ///
    /// @param firstPosition the position of the first token: how many tokens came before
    public static TokenBatch single(int[] ids, int firstPosition) {
        int[] positions = new int[ids.length];
        Arrays.setAll(positions, i -> firstPosition + i);
        return new TokenBatch(ids, positions, Sequences.single(ids.length));
    }

    /// The number of tokens.
    public int tokens() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenBatch batch
                && Arrays.equals(ids, batch.ids)
                && Arrays.equals(positions, batch.positions)
                && sequences.equals(batch.sequences);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(positions);
    }

    @Override
    public String toString() {
        return "TokenBatch[" + ids.length + " tokens in " + sequences.count() + " sequences]";
    }
}
