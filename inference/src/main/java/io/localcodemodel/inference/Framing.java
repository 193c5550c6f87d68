package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.EncodeOptions;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/// The tokens around a prompt: what a model's text begins with, and how text goes on in the middle of a text.
final class Framing {
    private static final EncodeOptions FRAMED = new EncodeOptions(false, true);
    /// Stands for any text.
    private static final String SAMPLE = "a";

    private final Tokenizer tokenizer;
    private final int[] begin;

    Framing(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.begin = findBegin();
    }

    /// What the tokenizer puts in front of a text.
    private int[] findBegin() {
        int[] text = tokenizer.encode(SAMPLE);
        int[] framed = tokenizer.encode(SAMPLE, FRAMED);
        for (int at = 0; at + text.length <= framed.length; at++) {
            if (Arrays.equals(text, Arrays.copyOfRange(framed, at, at + text.length))) {
                return Arrays.copyOf(framed, at);
            }
        }
        return new int[0];
    }

    int[] begin() {
        return begin;
    }

    int[] encode(String text) {
        return tokenizer.encode(text);
    }

    /// The tokens of `text` where it follows other text.
    int[] encodeContinuation(String text) {
        return tokenizer.encodeContinuation(text);
    }

    /// A whole text with what it begins with.
    int[] prompt(String text) {
        return IntStream.concat(Arrays.stream(begin), Arrays.stream(tokenizer.encode(text)))
                .toArray();
    }

    /// What an empty text is continued from where the tokenizer puts nothing in front of a text: the token between
    /// documents.
    OptionalInt opening() {
        return tokenizer.endOfText();
    }

    void requireKnown(int... ids) {
        for (int id : ids) {
            if (id < 0 || id >= tokenizer.vocabularySize()) {
                throw new IllegalArgumentException(
                        "no token has the id " + id + ": the tokenizer knows 0 to " + (tokenizer.vocabularySize() - 1));
            }
        }
    }

    void requireKnown(GenerationOptions options) {
        requireKnown(options.stopTokens());
        requireKnown(options.sampling().logitBias().keySet());
    }

    private void requireKnown(Set<Integer> ids) {
        for (int id : ids) {
            requireKnown(id);
        }
    }
}
