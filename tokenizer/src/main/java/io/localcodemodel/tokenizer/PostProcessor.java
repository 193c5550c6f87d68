package io.localcodemodel.tokenizer;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Frames the tokens of a text, or of a pair of texts, with the special tokens that a model expects around them.
@FunctionalInterface
public interface PostProcessor extends Stage {

    /// Returns the framed tokens, or `text` itself where nothing is added.
    ///
    /// @param text the tokens of the (first) text
    /// @param pair the tokens of the second text, or null
    Encoding frame(Encoding text, @Nullable Encoding pair);

    /// Returns the tokens of one text with the places that this stage gives them, before they are framed.
    ///
    /// @param tokens the token that an id stands for, as the vocabulary writes it
    default Encoding place(Encoding text, IntFunction<String> tokens) {
        return text;
    }

    /// Returns the ids of the special tokens that this stage may add.
    default IntStream specialIds() {
        return IntStream.empty();
    }
}
