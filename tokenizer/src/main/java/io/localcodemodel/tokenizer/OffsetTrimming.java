package io.localcodemodel.tokenizer;

import java.util.function.IntFunction;

/// Takes the white space of byte-level tokens off their places, as the reference does if a file says `trim_offsets`.
final class OffsetTrimming {

    private static final char SPACE = ByteAlphabet.letter(' ');

    private OffsetTrimming() {}

    /// Returns the tokens with trimmed places.
    ///
    /// @param tokens the tokens as the vocabulary writes them
    /// @param addedPrefixSpace whether a single space that the first token begins with is one that the splitter added,
    ///     which is in no place
    static Encoding trim(Encoding encoding, IntFunction<String> tokens, boolean addedPrefixSpace) {
        int[] starts = encoding.starts().clone();
        int[] ends = encoding.ends().clone();
        for (int i = 0; i < starts.length; i++) {
            String token = tokens.apply(encoding.ids()[i]);
            int leading = leading(token);
            int trailing = trailing(token);
            if (leading == 1 && addedPrefixSpace && (i == 0 || starts[i] == 0)) {
                leading = 0;
            }
            starts[i] = Math.min(starts[i] + leading, ends[i]);
            if (trailing > 0 && ends[i] >= trailing) {
                ends[i] = Math.max(ends[i] - trailing, starts[i]);
            }
        }
        return new Encoding(encoding.ids(), starts, ends, encoding.types());
    }

    private static int leading(String token) {
        int count = 0;
        while (count < token.length() && isSpace(token.charAt(count))) {
            count++;
        }
        return count;
    }

    private static int trailing(String token) {
        int count = 0;
        while (count < token.length() && isSpace(token.charAt(token.length() - 1 - count))) {
            count++;
        }
        return count;
    }

    private static boolean isSpace(char c) {
        return c == SPACE || CharacterKinds.isWhiteSpace(c);
    }
}
