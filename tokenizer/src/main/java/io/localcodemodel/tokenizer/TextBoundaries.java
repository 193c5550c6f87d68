package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The tokens between which a tokenizer puts a framed text.
///
/// @param begin the id of the one before the text, or [#NONE]
/// @param end the id of the one after it, or [#NONE]
record TextBoundaries(int begin, int end) {

    static final int NONE = -1;

    /// Returns the tokens that a tokenizer puts around a text, unless these are more than one on each side.
    static Optional<TextBoundaries> of(Tokenizer tokenizer) {
        int[] around = tokenizer.encode("", EncodeOptions.PROMPT);
        int[] text = tokenizer.encode("a");
        int[] framed = tokenizer.encode("a", EncodeOptions.PROMPT);
        for (int before = 0; before <= Math.min(1, around.length); before++) {
            int[] expected = IntStream.concat(
                            IntStream.concat(Arrays.stream(around, 0, before), Arrays.stream(text)),
                            Arrays.stream(around, before, around.length))
                    .toArray();
            if (around.length - before <= 1 && Arrays.equals(expected, framed)) {
                return Optional.of(new TextBoundaries(
                        before > 0 ? around[0] : NONE, around.length > before ? around[before] : NONE));
            }
        }
        return Optional.empty();
    }

    /// Returns the same for the files that can name only a token before a text.
    ///
    /// @throws IllegalArgumentException if there is a token after it
    TextBoundaries withoutEnd() {
        if (end != NONE) {
            throw new IllegalArgumentException("A SentencePiece file cannot say that this tokenizer frames a text"
                    + " otherwise than with one token before it. Save it as tokenizer.json");
        }
        return this;
    }

    /// Returns the stage that puts the tokens around a text.
    @Nullable
    PostProcessor postProcessor(IntFunction<String> names) {
        return begin == NONE && end == NONE
                ? null
                : TemplatePostProcessor.around(names, begin == NONE ? null : begin, end == NONE ? null : end);
    }
}
