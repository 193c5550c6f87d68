package io.localcodemodel.inference;

import java.util.Arrays;

/// The tokens before the next one and how often each of them occurs in the last stretch.
///
/// Counting covers a window, so that a penalty looks back a fixed way: [Sampling#penaltyWindow()].
public final class TokenHistory {
    private final int[] counts;
    private final int window;
    private int[] tokens = new int[64];
    private int length;

    TokenHistory(int vocabularySize, int window) {
        this.counts = new int[vocabularySize];
        this.window = window;
    }

    void add(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
        counts[token]++;
        if (length > window) {
            counts[tokens[length - 1 - window]]--;
        }
    }

    /// How many tokens there are.
    public int length() {
        return length;
    }

    /// The token at `index`; 0 is the oldest.
    ///
    /// @throws IndexOutOfBoundsException if there is none
    public int token(int index) {
        if (index < 0 || index >= length) {
            throw new IndexOutOfBoundsException("token " + index + " of a history of " + length);
        }
        return tokens[index];
    }

    /// How often `token` occurs in the window.
    public int count(int token) {
        return counts[token];
    }
}
