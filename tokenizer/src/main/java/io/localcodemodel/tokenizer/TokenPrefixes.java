package io.localcodemodel.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/// The tokens of a vocabulary in the order of their bytes, to find those that begin with a given text.
///
/// This is what *token healing* needs. A prompt that ends in the middle of a word, as `publi`, is spelled with tokens with
/// which the whole word is not, so a model that has always seen `public` as one token continues it badly. Healing takes the
/// last tokens back ([#cut]) and lets the model choose among the tokens that agree with their bytes ([#agreeing]).
///
/// Special tokens and marks of gaps are not in it. Immutable; made once for a tokenizer, see [Tokenizer#prefixes()].
public final class TokenPrefixes {

    private final Tokenizer tokenizer;
    private final BitSet controls = new BitSet();
    /// By bytes; what is equal, by id.
    private final int[] ids;
    private final int longest;

    TokenPrefixes(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        tokenizer.addedTokens().stream().filter(AddedToken::controls).forEach(token -> controls.set(token.id()));
        byte[][] pieces = new byte[tokenizer.vocabularySize()][];
        Arrays.setAll(pieces, id -> tokenizer.decoded().piece(id, false));
        this.ids = IntStream.range(0, pieces.length)
                .filter(id -> pieces[id].length > 0 && !controls.get(id))
                .boxed()
                .sorted(Comparator.comparing((Integer id) -> pieces[id], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        this.longest = IntStream.of(ids).map(id -> pieces[id].length).max().orElse(0);
    }

    /// Returns the bytes that tokens add in the middle of a text.
    public byte[] bytes(int... tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : tokens) {
            bytes.writeBytes(tokenizer.decoded().piece(id, false));
        }
        return bytes.toByteArray();
    }

    /// Returns the ids of the tokens whose bytes begin with others, those that are equal among them.
    public int[] startingWith(byte[] prefix) {
        int from = firstNotBelow(prefix);
        int to = from;
        while (to < ids.length && startsWith(tokenizer.decoded().piece(ids[to], false), prefix)) {
            to++;
        }
        return Arrays.copyOfRange(ids, from, to);
    }

    /// Returns the ids of the tokens that can come next where a text is to go on with given bytes: those that begin with
    /// them, and those that they begin with.
    public int[] agreeing(byte[] rest) {
        IntStream.Builder agreeing = IntStream.builder();
        for (int length = 1; length < rest.length && length <= longest; length++) {
            byte[] part = Arrays.copyOf(rest, length);
            for (int at = firstNotBelow(part);
                    at < ids.length && Arrays.equals(tokenizer.decoded().piece(ids[at], false), part);
                    at++) {
                agreeing.add(ids[at]);
            }
        }
        return IntStream.concat(agreeing.build(), Arrays.stream(startingWith(rest)))
                .toArray();
    }

    /// Returns how many of the last tokens of a prompt to take back: the most that together are the beginning of a longer
    /// token; 0 where the prompt can end as it does.
    ///
    /// @param tokens the prompt
    /// @param from the first that may be taken back
    /// @param to where the prompt ends in the array
    public int cut(int[] tokens, int from, int to) {
        int cut = 0;
        for (int count = 1; count <= to - from; count++) {
            int[] last = Arrays.copyOfRange(tokens, to - count, to);
            byte[] bytes = bytes(last);
            if (controls.get(last[0]) || bytes.length >= longest) {
                break;
            }
            if (hasLonger(bytes)) {
                cut = count;
            }
        }
        return cut;
    }

    private boolean hasLonger(byte[] prefix) {
        for (int at = firstNotBelow(prefix); at < ids.length; at++) {
            byte[] bytes = tokenizer.decoded().piece(ids[at], false);
            if (!startsWith(bytes, prefix)) {
                return false;
            }
            if (bytes.length > prefix.length) {
                return true;
            }
        }
        return false;
    }

    private int firstNotBelow(byte[] bytes) {
        int low = 0;
        int high = ids.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(tokenizer.decoded().piece(ids[middle], false), bytes) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }
}
