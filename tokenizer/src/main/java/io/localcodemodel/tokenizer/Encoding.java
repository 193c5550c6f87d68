package io.localcodemodel.tokenizer;

import java.util.Arrays;

/// The tokens of a text with the characters each came from.
///
/// The arrays are not copied: who holds an encoding must not write into them.
///
/// @param ids the token ids
/// @param starts for each token the index of its first character (UTF-16 unit) in the source; for a token that the
///     framing added, 0
/// @param ends for each token the index after its last character; for a token that the framing added, 0. The
///     tokens that share one character, as the bytes of an emoji may, all name the whole character
/// @param types for each token the text it belongs to: 0 for the first, 1 for the second of a pair, or what a
///     template says
public record Encoding(int[] ids, int[] starts, int[] ends, int[] types) {

    /// Checks that the arrays have one length.
    public Encoding {
        if (starts.length != ids.length || ends.length != ids.length || types.length != ids.length) {
            throw new IllegalArgumentException("ids, starts, ends and types must be equally long: %d, %d, %d, %d"
                    .formatted(ids.length, starts.length, ends.length, types.length));
        }
    }

    /// Returns the number of tokens.
    public int size() {
        return ids.length;
    }

    /// Returns the part of the source that a token came from.
    public String text(int token, CharSequence source) {
        return source.subSequence(starts[token], ends[token]).toString();
    }

    /// Returns these tokens followed by those of a second text, whose type is 1.
    Encoding followedBy(Encoding second) {
        int total = ids.length + second.ids.length;
        int[] joinedTypes = Arrays.copyOf(types, total);
        Arrays.fill(joinedTypes, types.length, total, 1);
        return new Encoding(join(ids, second.ids), join(starts, second.starts), join(ends, second.ends), joinedTypes);
    }

    private static int[] join(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(starts, that.starts)
                && Arrays.equals(ends, that.ends)
                && Arrays.equals(types, that.types);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "Encoding[ids=" + Arrays.toString(ids) + ", starts=" + Arrays.toString(starts) + ", ends="
                + Arrays.toString(ends) + "]";
    }
}
