package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;

/// How much the stages of a file may make of its tokens, so that a small file cannot fill the memory when it is loaded: ten
/// replacements of `a` by ten `a` make ten billion of one.
final class TokenLimits {

    /// In bytes, for one token.
    private static final double MOST_OF_ONE = 1 << 24;
    /// In bytes, for all tokens together.
    private static final long MOST_IN_ALL = 1 << 27;

    private final double growth;
    private long total;

    /// @param growth how many bytes a stage makes of one at most
    TokenLimits(double growth) {
        this.growth = growth;
    }

    /// Refuses a token that may become too long, before a stage is given it.
    void before(int length) {
        if (growth > 1 && growth * Math.max(1, length) > MOST_OF_ONE) {
            throw new IllegalArgumentException(
                    "a token of %d bytes may become %.0f times as long, which is more than %.0f bytes"
                            .formatted(length, growth, MOST_OF_ONE));
        }
    }

    /// Counts what a stage made of a token.
    void after(int length) {
        total += length;
        if (total > MOST_IN_ALL) {
            throw new IllegalArgumentException("the tokens become more than %d bytes".formatted(MOST_IN_ALL));
        }
    }

    /// How many bytes a normaliser makes of one at most, as far as files can choose.
    static double growth(Normalizer normalizer) {
        return switch (normalizer) {
            case ReplaceNormalizer replace -> growth(replace.pattern(), replace.content());
            case PatternReplaceNormalizer replace -> 1 + bytes(replace.content());
            case PrependNormalizer prepend -> 1 + bytes(prepend.prefix());
            case SequenceNormalizer sequence ->
                sequence.normalizers().stream().mapToDouble(TokenLimits::growth).reduce(1, (a, b) -> a * b);
            default -> 1;
        };
    }

    /// How many bytes a decoder makes of one at most, as far as files can choose.
    static double growth(Decoder decoder) {
        return switch (decoder) {
            case ReplaceDecoder replace -> growth(replace.pattern(), replace.content());
            case PatternReplaceDecoder replace -> 1 + bytes(replace.content());
            case SequenceDecoder sequence ->
                sequence.decoders().stream().mapToDouble(TokenLimits::growth).reduce(1, (a, b) -> a * b);
            default -> 1;
        };
    }

    private static double growth(String pattern, String content) {
        return Math.max(1, (double) bytes(content) / bytes(pattern));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
