package io.localcodemodel.tensor.op;

import java.util.Arrays;

/// Where sequences begin in a flat batch of tokens: sequence `i` holds the tokens `starts[i]` to `starts[i + 1] - 1`.
///
/// A training batch is as many sequences as it has windows, packed documents are many short ones, a prompt is one, a
/// step of decoding has one token for each session. Tokens see tokens of their own sequence only.
///
/// @param starts strictly increasing from 0; the last element is the number of tokens
public record Sequences(int[] starts) {
    public Sequences {
        starts = starts.clone();
        if (starts.length == 0 || starts[0] != 0) {
            throw new IllegalArgumentException("sequences: expected starts that begin with 0, found " + show(starts));
        }
        for (int i = 1; i < starts.length; i++) {
            if (starts[i] <= starts[i - 1]) {
                throw new IllegalArgumentException(
                        "sequences: expected strictly increasing starts, found " + show(starts));
            }
        }
    }

    private static String show(int[] starts) {
        return starts.length <= 32
                ? Arrays.toString(starts)
                : Arrays.toString(Arrays.copyOf(starts, 32)) + " and " + (starts.length - 32) + " more";
    }

    /// One sequence of all tokens.
    public static Sequences single(int tokens) {
        return equal(1, tokens);
    }

    /// `count` sequences of `length` tokens each.
    public static Sequences equal(int count, int length) {
        int[] starts = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            starts[i] = Math.multiplyExact(i, length);
        }
        return new Sequences(starts);
    }

    /// How many sequences there are.
    public int count() {
        return starts.length - 1;
    }

    /// The first token of a sequence.
    public int start(int sequence) {
        return starts[sequence];
    }

    /// The number of tokens of a sequence.
    public int length(int sequence) {
        return starts[sequence + 1] - starts[sequence];
    }

    /// The number of tokens of all sequences.
    public int tokens() {
        return starts[starts.length - 1];
    }

    /// The number of tokens of the longest sequence; 0 where there is none.
    public int longest() {
        int longest = 0;
        for (int i = 0; i < count(); i++) {
            longest = Math.max(longest, length(i));
        }
        return longest;
    }

    /// A copy of the starts.
    @Override
    public int[] starts() {
        return starts.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sequences sequences && Arrays.equals(starts, sequences.starts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(starts);
    }

    @Override
    public String toString() {
        return "Sequences" + show(starts);
    }
}
