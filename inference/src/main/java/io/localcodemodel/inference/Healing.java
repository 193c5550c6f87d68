package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.StreamingDecoder;
import io.localcodemodel.tokenizer.TokenPrefixes;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// The end of a prompt that was taken back, and what of it is still to be spelled anew; see [TokenPrefixes].
final class Healing {
    /// The bytes of a character can come from this many tokens.
    private static final int TOKENS_PER_CHARACTER = 4;

    private final @Nullable TokenPrefixes prefixes;
    private final int[] removed;
    private byte[] rest;
    private String text;

    private Healing(@Nullable TokenPrefixes prefixes, int[] removed, byte[] rest, String text) {
        this.prefixes = prefixes;
        this.removed = removed;
        this.rest = rest;
        this.text = text;
    }

    /// Nothing to heal.
    static Healing none() {
        return new Healing(null, new int[0], new byte[0], "");
    }

    /// What to take back of a prompt; of its tokens, the first stays in any case.
    static Healing of(Tokenizer tokenizer, TokenList prompt) {
        TokenPrefixes prefixes = tokenizer.prefixes();
        int[] tokens = prompt.toArray();
        int cut = tokens.length - prefixes.cut(tokens, 1, tokens.length);
        int[] removed = Arrays.copyOfRange(tokens, cut, tokens.length);
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder text = new StringBuilder();
        for (int i = Math.max(0, cut - TOKENS_PER_CHARACTER); i < tokens.length; i++) {
            String shown = tokenizer.isSpecial(tokens[i]) ? "" : decoder.add(tokens[i]);
            text.append(i < cut ? "" : shown);
        }
        boolean endsInCharacter = !decoder.finish().isEmpty();
        return endsInCharacter || removed.length == 0
                ? none()
                : new Healing(prefixes, removed, prefixes.bytes(removed), text.toString());
    }

    /// The tokens that were taken back.
    int[] removed() {
        return removed;
    }

    /// The text that was taken back and has not come again.
    String text() {
        return text;
    }

    /// Whether all that was taken back is spelled again.
    boolean done() {
        return rest.length == 0;
    }

    /// Leaves only tokens that agree with what was taken back.
    void constrain(float[] logits) {
        if (prefixes == null || done()) {
            return;
        }
        BitSet agreeing = new BitSet(logits.length);
        for (int id : prefixes.agreeing(rest)) {
            agreeing.set(id);
        }
        for (int id = agreeing.nextClearBit(0); id < logits.length; id = agreeing.nextClearBit(id + 1)) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
    }

    /// Takes the token that was chosen.
    void take(int token) {
        if (prefixes != null && !done()) {
            int length = prefixes.bytes(token).length;
            rest = length < rest.length ? Arrays.copyOfRange(rest, length, rest.length) : new byte[0];
        }
    }

    /// What of a newly shown text was not shown before as the end of the prompt.
    String beyond(String shown) {
        int again = Math.min(text.length(), shown.length());
        text = text.substring(again);
        return shown.substring(again);
    }
}
