package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The way from tokens to bytes: what each token adds to a text, decoded once.
///
/// A token is kept in two forms, since most decoders take a space off the beginning of a text.
final class DecodedTokens {

    private final int size;
    private final @Nullable Decoder decoder;
    private final TokenBytes pieces;
    private final TokenBytes firstPieces;
    /// The tokens after which a word goes on.
    private final BitSet goingOn = new BitSet();

    DecodedTokens(TokenIndex tokens, @Nullable Decoder decoder) {
        this.size = tokens.size();
        this.decoder = decoder;
        this.pieces = pieces(tokens, decoder, false);
        this.firstPieces =
                decoder instanceof ByteLevelDecoder || decoder == null ? pieces : pieces(tokens, decoder, true);
        if (decoder != null) {
            findThoseGoingOn(tokens, decoder);
        }
    }

    private void findThoseGoingOn(TokenIndex tokens, Decoder by) {
        for (int id = 0; id < size; id++) {
            goingOn.set(id, by.goesOn(tokens.token(id).getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static TokenBytes pieces(TokenIndex tokens, @Nullable Decoder decoder, boolean first) {
        List<byte[]> decoded = new ArrayList<>(tokens.size());
        TokenLimits limits = new TokenLimits(decoder == null ? 1 : TokenLimits.growth(decoder));
        for (int id = 0; id < tokens.size(); id++) {
            byte[] utf8 = tokens.token(id).getBytes(StandardCharsets.UTF_8);
            // byte-level decoders leave added tokens as they are
            boolean literal = decoder instanceof ByteLevelDecoder && tokens.isAdded(id);
            if (decoder == null || literal) {
                decoded.add(utf8);
            } else {
                limits.before(utf8.length);
                byte[] piece = decoder.decode(utf8, first);
                limits.after(piece.length);
                decoded.add(piece);
            }
        }
        return new TokenBytes(decoded);
    }

    @Nullable
    Decoder decoder() {
        return decoder;
    }

    byte[] decode(int... ids) {
        int length = 0;
        for (int i = 0; i < ids.length; i++) {
            Objects.checkIndex(ids[i], size);
            length = Math.addExact(length, pieces(ids, i).length(ids[i]));
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (int i = 0; i < ids.length; i++) {
            at += pieces(ids, i).copy(ids[i], bytes, at);
        }
        return bytes;
    }

    private TokenBytes pieces(int[] ids, int at) {
        return at == 0 || goesOn(ids[at - 1]) ? firstPieces : pieces;
    }

    /// Whether the token after this one goes on with the same word, so that its bytes are those of a first token.
    boolean goesOn(int id) {
        return goingOn.get(id);
    }

    /// Returns the bytes that one token adds to a text.
    ///
    /// @param first whether it is the first token of the text
    byte[] piece(int id, boolean first) {
        Objects.checkIndex(id, size);
        return (first ? firstPieces : pieces).get(id);
    }
}
