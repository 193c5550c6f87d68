package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.TokenPrefixes;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The end of a prompt that was taken back, and what of it is still to be spelled anew; see [TokenPrefixes].
final class Healing {
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
        ShownText shown = ShownText.after(tokenizer, tokens, cut);
        StringBuilder text = new StringBuilder();
        for (int token : removed) {
            text.append(shown.add(token));
        }
        boolean endsInCharacter = !shown.finish().isEmpty();
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
        int[] agreeing = prefixes.agreeing(rest);
        float[] kept = new float[agreeing.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = logits[agreeing[i]];
        }
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < kept.length; i++) {
            logits[agreeing[i]] = kept[i];
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
