package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Encodes text that follows other text.
///
/// Vocabularies of SentencePiece write a space before the first word of a text; in the middle of a text there must be
/// none.
final class Continuation {

    /// Stands for any text.
    private static final String SAMPLE = "a";
    /// A character that no vocabulary merges with what follows in the middle of a text.
    private static final String GUARD = "\n";

    private final Tokenizer tokenizer;
    private final boolean marksBeginning;

    Continuation(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        int[] text = tokenizer.encode(SAMPLE);
        int[] twice = IntStream.concat(Arrays.stream(text), Arrays.stream(text)).toArray();
        this.marksBeginning =
                !tokenizer.decode(twice).equals(tokenizer.decode(text).repeat(2));
    }

    int[] encode(String text) {
        if (!marksBeginning) {
            return tokenizer.encode(text);
        }
        Encoding guarded = tokenizer.encoding(GUARD + text, EncodeOptions.TEXT);
        int at = 0;
        while (at < guarded.size() && guarded.ends()[at] <= GUARD.length()) {
            at++;
        }
        boolean clean = at == guarded.size() || guarded.starts()[at] >= GUARD.length();
        return clean ? Arrays.copyOfRange(guarded.ids(), at, guarded.size()) : tokenizer.encode(text);
    }
}
