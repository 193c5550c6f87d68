package io.localcodemodel.tokenizer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The matchers for a set of added tokens: those looked for in the text as it came, and those looked for after it
/// has been normalised, themselves normalised.
record AddedTokenFinder(AddedTokenMatcher beforeNormalizing, AddedTokenMatcher afterNormalizing) {

    AddedTokenFinder(List<AddedToken> tokens, @Nullable Normalizer normalizer) {
        this(
                new AddedTokenMatcher(
                        tokens.stream().filter(token -> !token.normalized()).toList(), content -> content),
                new AddedTokenMatcher(
                        tokens.stream().filter(AddedToken::normalized).toList(),
                        content -> normalizer == null
                                ? content
                                : normalizer.normalize(Text.of(content)).string()));
    }
}
