package io.localcodemodel.tokenizer;

import java.util.List;
import java.util.function.UnaryOperator;
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
                        normalizer == null ? content -> content : spelling(normalizer)));
    }

    private static UnaryOperator<String> spelling(Normalizer normalizer) {
        TokenLimits limits = new TokenLimits(TokenLimits.growth(normalizer));
        return content -> {
            Text text = Text.of(content);
            limits.before(text.length());
            Text normalized = normalizer.normalize(text);
            limits.after(normalized.length());
            return normalized.string();
        };
    }
}
