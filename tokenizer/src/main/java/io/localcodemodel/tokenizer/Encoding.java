package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

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

    static Encoding withoutPlaces(int[] ids) {
        int[] nothing = new int[ids.length];
        return new Encoding(ids, nothing, nothing, nothing);
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
        return join(List.of(this, second.withType(1)));
    }

    /// Returns these tokens, all with one type.
    Encoding withType(int type) {
        int[] typed = new int[ids.length];
        Arrays.fill(typed, type);
        return new Encoding(ids, starts, ends, typed);
    }

    static Encoding join(List<Encoding> parts) {
        return new Encoding(
                join(parts, Encoding::ids),
                join(parts, Encoding::starts),
                join(parts, Encoding::ends),
                join(parts, Encoding::types));
    }

    private static int[] join(List<Encoding> parts, Function<Encoding, int[]> array) {
        return parts.stream().map(array).flatMapToInt(Arrays::stream).toArray();
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
