package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.StreamingDecoder;
import io.localcodemodel.tokenizer.Tokenizer;

/// Tokens as the text that a reader sees, one by one: whole characters, and nothing of special tokens.
final class ShownText {
    /// The bytes of a character can come from this many tokens.
    private static final int TOKENS_PER_CHARACTER = 4;

    private final Tokenizer tokenizer;
    private final StreamingDecoder decoder;

    private ShownText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.decoder = tokenizer.streamingDecoder();
    }

    /// What is shown after the first `length` tokens of a text, of which the decoder has to know the end: it may be the
    /// beginning of a character, and says whether a word begins the text.
    static ShownText after(Tokenizer tokenizer, int[] tokens, int length) {
        ShownText shown = new ShownText(tokenizer);
        for (int i = Math.max(0, length - TOKENS_PER_CHARACTER); i < length; i++) {
            shown.add(tokens[i]);
        }
        return shown;
    }

    /// Whether the first `length` tokens of a text end with a whole character.
    static boolean isWhole(Tokenizer tokenizer, int[] tokens, int length) {
        return after(tokenizer, tokens, length).finish().isEmpty();
    }

    /// Takes the next token and returns the text that has become certain. No character goes on across a special token.
    String add(int token) {
        return tokenizer.isSpecial(token) ? decoder.endCharacter() : decoder.add(token);
    }

    /// What stands for bytes that never became a character, when no more tokens come.
    String finish() {
        return decoder.finish();
    }
}
