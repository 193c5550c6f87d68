package io.localcodemodel.tokenizer;

import java.util.BitSet;
import java.util.OptionalInt;

/// A vocabulary and the rule that spells a word with it.
public interface TokenModel extends Stage {

    /// Appends the tokens of one word, the bytes `from` to `to` of a text.
    void encode(Text text, int from, int to, TokenBuffer tokens);

    /// Returns a model that spells no word with some of its tokens, and is the same otherwise.
    ///
    /// A [Tokenizer] asks for it with the special tokens of the vocabulary, since text must not turn into them.
    ///
    /// @param hidden the ids of those tokens
    TokenModel hiding(BitSet hidden);

    /// Returns one more than the largest id.
    int vocabularySize();

    /// Returns the id of a token as the vocabulary writes it.
    OptionalInt id(String token);

    /// Returns the token with an id as the vocabulary writes it; an id without a token gives the empty string.
    ///
    /// @throws IndexOutOfBoundsException if the id is not in `[0, vocabularySize)`
    String token(int id);
}
