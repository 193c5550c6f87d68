package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The way from tokens to bytes: what each token adds to a text, decoded once.
///
/// A token is kept in two forms, since most decoders take a space off the beginning of a text.
final class DecodedTokens {

    private final int size;
    private final TokenBytes pieces;
    private final TokenBytes firstPieces;

    /// @param size one more than the largest id
    /// @param token the token with an id as the vocabulary writes it
    /// @param added whether an id belongs to an added token, which byte-level decoders leave as it is
    DecodedTokens(int size, @Nullable Decoder decoder, IntFunction<String> token, IntPredicate added) {
        this.size = size;
        this.pieces = pieces(decoder, token, added, false);
        this.firstPieces =
                decoder instanceof ByteLevelDecoder || decoder == null ? pieces : pieces(decoder, token, added, true);
    }

    private TokenBytes pieces(@Nullable Decoder decoder, IntFunction<String> token, IntPredicate added, boolean first) {
        List<byte[]> decoded = new ArrayList<>(size);
        for (int id = 0; id < size; id++) {
            byte[] utf8 = token.apply(id).getBytes(StandardCharsets.UTF_8);
            boolean literal = decoder instanceof ByteLevelDecoder && added.test(id);
            decoded.add(decoder == null || literal ? utf8 : decoder.decode(utf8, first));
        }
        return new TokenBytes(decoded);
    }

    byte[] decode(int... ids) {
        int length = 0;
        for (int i = 0; i < ids.length; i++) {
            Objects.checkIndex(ids[i], size);
            length = Math.addExact(length, (i == 0 ? firstPieces : pieces).length(ids[i]));
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (int i = 0; i < ids.length; i++) {
            at += (i == 0 ? firstPieces : pieces).copy(ids[i], bytes, at);
        }
        return bytes;
    }

    /// Returns the bytes that one token adds to a text.
    ///
    /// @param first whether it is the first token of the text
    byte[] piece(int id, boolean first) {
        Objects.checkIndex(id, size);
        return (first ? firstPieces : pieces).get(id);
    }
}
