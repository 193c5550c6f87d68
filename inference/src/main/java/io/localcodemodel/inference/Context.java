package io.localcodemodel.inference;

import io.localcodemodel.model.KvCache;
import java.util.Arrays;

/// What a model sees of a session's text: at most as many tokens as its context holds, and the keys and values that were
/// computed of them.
final class Context {
    private final KvCache cache;
    private final int capacity;
    /// The first `cache.length()` of these are in the cache.
    private final TokenList tokens = new TokenList();

    /// @param capacity how many tokens the model's context holds
    Context(KvCache cache, int capacity) {
        this.cache = cache;
        this.capacity = capacity;
    }

    /// How many tokens of a text to leave out, so that a completion of up to `maximumTokens` has room.
    ///
    /// Whole eighths of the context are left out at a time, so that a text that grows by a few tokens keeps its left edge
    /// and what was computed stays usable.
    ///
    /// @param length the tokens of the text
    /// @param beginning how many tokens at its start are to stay
    static int excess(int length, int beginning, int capacity, int maximumTokens) {
        int room = room(capacity, maximumTokens);
        if (length <= room) {
            return 0;
        }
        int step = Math.max(1, capacity / 8);
        long dropped = (long) Math.ceilDiv(length - room, step) * step;
        return Math.clamp(dropped, 0, length - beginning - 1);
    }

    /// How many tokens of a text leave room for a completion: at least half of the context.
    static int room(int capacity, int maximumTokens) {
        return Math.max(capacity - (maximumTokens - 1), capacity - capacity / 2);
    }

    /// Takes over a text, without `dropped` tokens after its first `beginning`. What is cached of the common beginning
    /// stays; at least the last token is to be computed, for its logits.
    ///
    /// @return how many tokens stay cached
    int show(TokenList text, int beginning, int dropped) {
        int length = text.length() - dropped;
        int[] visible = Arrays.copyOf(text.array(), length);
        System.arraycopy(text.array(), beginning + dropped, visible, beginning, length - beginning);
        int cached = cache.length();
        int common = Arrays.mismatch(tokens.array(), 0, cached, visible, 0, length);
        int kept = Math.min(common < 0 ? cached : common, length - 1);
        if (kept < cached) {
            cache.truncate(kept);
        }
        tokens.set(visible);
        return kept;
    }

    /// Leaves out the older half of the context after its first `beginning` tokens.
    ///
    /// @return how many tokens that were
    int slide(int beginning) {
        int dropped = Math.min(capacity / 2 + 1, tokens.length() - beginning - 1);
        show(tokens, beginning, dropped);
        return dropped;
    }

    void add(int token) {
        tokens.add(token);
    }

    /// Whether all tokens have a place in the model's context.
    boolean fits() {
        return tokens.length() <= capacity;
    }

    /// How many tokens are not computed yet.
    int pending() {
        return tokens.length() - cache.length();
    }

    int length() {
        return tokens.length();
    }

    int[] array() {
        return tokens.array();
    }

    KvCache cache() {
        return cache;
    }
}
