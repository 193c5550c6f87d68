package io.localcodemodel.inference;

import org.jspecify.annotations.Nullable;

/// The tokens before the next one and how often each of them occurs in the last stretch.
///
/// Counting covers a window, so that a penalty looks back a fixed way: [Sampling#penaltyWindow()].
public final class TokenHistory {
    private final int vocabularySize;
    private final TokenList tokens = new TokenList();
    private int window;
    /// Made when the first count is asked for; most generations ask for none.
    private int @Nullable [] counts;

    TokenHistory(int vocabularySize, int window) {
        this.vocabularySize = vocabularySize;
        this.window = window;
    }

    /// Starts over without a token.
    void clear(int newWindow) {
        if (counts != null) {
            for (int i = firstCounted(); i < tokens.length(); i++) {
                counts[tokens.get(i)] = 0;
            }
        }
        tokens.cut(0);
        window = newWindow;
    }

    void add(int token) {
        tokens.add(token);
        if (counts != null) {
            counts[token]++;
            if (tokens.length() > window) {
                counts[tokens.get(tokens.length() - 1 - window)]--;
            }
        }
    }

    /// How many tokens there are.
    public int length() {
        return tokens.length();
    }

    /// The token at `index`; 0 is the oldest.
    ///
    /// @throws IndexOutOfBoundsException if there is none
    public int token(int index) {
        if (index < 0 || index >= tokens.length()) {
            throw new IndexOutOfBoundsException("token " + index + " of a history of " + tokens.length());
        }
        return tokens.get(index);
    }

    /// How often `token` occurs in the window.
    public int count(int token) {
        if (counts == null) {
            counts = new int[vocabularySize];
            for (int i = firstCounted(); i < tokens.length(); i++) {
                counts[tokens.get(i)]++;
            }
        }
        return counts[token];
    }

    private int firstCounted() {
        return Math.max(0, tokens.length() - window);
    }
}
