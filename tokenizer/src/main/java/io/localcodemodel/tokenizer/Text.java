package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A text as UTF-8 bytes, with the place in the source that each byte came from.
///
/// The pipeline works on bytes, since most vocabularies spell bytes and source code is nearly all ASCII. The bytes
/// are always well-formed UTF-8. While no stage has changed the text, places are found by counting characters, from
/// marks that are set when the first place far from the beginning is asked for. A changed text remembers which bytes of the
/// text before it became which of its own, and works out the places when the first is asked for.
public final class Text {

    /// Bytes between two places of which the number of characters before them is kept.
    private static final int MARK_EVERY = 1 << 10;

    /// Stands for a text that is another one changed, not a part of it.
    private static final int CHANGED = -1;

    private static final int UNKNOWN = -1;

    private final byte[] utf8;
    private final int length;
    private final @Nullable Text origin;
    private final int cutAt;
    private final @Nullable TextChanges changes;
    private volatile TextChanges.@Nullable Places places;
    private volatile int @Nullable [] marks;
    /// Several threads may work it out, with the same result.
    private int base = UNKNOWN;

    /// @param origin the text that this one is a part of, or was changed from, or null
    /// @param cutAt where in the origin this part begins, or [#CHANGED]
    private Text(byte[] utf8, int length, @Nullable Text origin, int cutAt, @Nullable TextChanges changes) {
        this.utf8 = utf8;
        this.length = length;
        this.origin = origin;
        this.cutAt = cutAt;
        this.changes = changes;
    }

    /// Takes a string. Surrogates without their other half, which UTF-8 cannot write, become U+FFFD.
    public static Text of(String source) {
        byte[] utf8 =
                Utf8.hasLoneSurrogate(source) ? replaceLoneSurrogates(source) : source.getBytes(StandardCharsets.UTF_8);
        return new Text(utf8, utf8.length, null, 0, null);
    }

    /// Takes UTF-8 bytes without copying them; malformed sequences become U+FFFD.
    static Text ofUtf8(byte[] utf8, int length) {
        return Utf8.isWellFormed(utf8, 0, length)
                ? new Text(utf8, length, null, 0, null)
                : of(new String(utf8, 0, length, StandardCharsets.UTF_8));
    }

    private static byte[] replaceLoneSurrogates(String source) {
        StringBuilder repaired = new StringBuilder(source.length());
        source.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(repaired::appendCodePoint);
        return repaired.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Returns the bytes themselves, of which the first [#length()] count; they must not be written to.
    public byte[] utf8() {
        return utf8;
    }

    /// Returns the number of bytes.
    public int length() {
        return length;
    }

    /// Returns the bytes `from` to `to` as a string.
    public String string(int from, int to) {
        return new String(utf8, from, to - from, StandardCharsets.UTF_8);
    }

    /// Returns the whole text as a string.
    public String string() {
        return string(0, length);
    }

    /// Returns the part from byte `from` to byte `to` as a text of its own that still knows its source.
    public Text slice(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        if (from == 0 && to == length) {
            return this;
        }
        return new Text(Arrays.copyOfRange(utf8, from, to), to - from, this, from, null);
    }

    /// Returns where in the source this text begins, worked out when that is first asked for.
    private int base() {
        int known = base;
        if (known == UNKNOWN) {
            known = origin == null ? 0 : cutAt == CHANGED ? origin.base() : origin.sourceStart(cutAt);
            base = known;
        }
        return known;
    }

    /// Returns where the bytes came from, or null while no stage has changed the text.
    private TextChanges.@Nullable Places places() {
        TextChanges.Places known = places;
        if (known == null && !untouched()) {
            TextChanges.Places whole = changes != null || origin == null ? null : origin.places();
            known = changes != null ? changes.places() : whole == null ? null : whole.slice(cutAt, cutAt + length);
            places = known;
        }
        return known;
    }

    /// Whether no character of the source lies before the part of this text that begins at `index`.
    public boolean startsSource(int index) {
        if (index == 0) {
            return base() == 0;
        }
        TextChanges.Places known = places();
        return known != null && index < length && known.starts()[index] == 0;
    }

    /// Returns the index in the source of the character that the byte at `index` belongs to.
    public int sourceStart(int index) {
        TextChanges.Places known = places();
        if (known == null) {
            int start = index;
            while (start < length && start > 0 && Utf8.isContinuation(utf8[start])) {
                start--;
            }
            return base() + characters(start);
        }
        return index < length ? known.starts()[index] : length == 0 ? base() : known.ends()[length - 1];
    }

    /// Returns the index in the source after the character that the byte before `index` belongs to.
    public int sourceEnd(int index) {
        TextChanges.Places known = places();
        if (known == null) {
            int end = index;
            while (end < length && Utf8.isContinuation(utf8[end])) {
                end++;
            }
            return base() + characters(end);
        }
        return index == 0 ? sourceStart(0) : known.ends()[index - 1];
    }

    /// Returns the number of characters before a byte, in a time that does not grow with its index.
    private int characters(int index) {
        if (index < MARK_EVERY) {
            return Utf8.characters(utf8, 0, index);
        }
        int[] known = marks;
        if (known == null) {
            known = new int[length / MARK_EVERY + 1];
            for (int i = 1; i < known.length; i++) {
                known[i] = known[i - 1] + Utf8.characters(utf8, (i - 1) * MARK_EVERY, i * MARK_EVERY);
            }
            marks = known;
        }
        int mark = index / MARK_EVERY;
        return known[mark] + Utf8.characters(utf8, mark * MARK_EVERY, index);
    }

    /// Whether no stage has changed the text, so that places in the source are found by counting.
    boolean untouched() {
        return changes == null && (origin == null || origin.untouched());
    }

    /// Builds a changed text character by character, and keeps track of where each came from.
    public static final class Builder {

        private final Text source;
        private final TextChanges changes;
        private byte[] utf8;
        private int length;

        /// Begins a changed form of a text.
        public Builder(Text source) {
            this.source = source;
            this.changes = new TextChanges(source);
            this.utf8 = new byte[source.length + 16];
        }

        /// Appends a character that came from the bytes `from` to `to` of the text that is being changed.
        ///
        /// An empty range stands for a character that was inserted there.
        public Builder append(int codePoint, int from, int to) {
            reserve(4);
            int before = length;
            length += Utf8.encode(
                    codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? 0xFFFD : codePoint,
                    utf8,
                    length);
            if (to - from == length - before && Utf8.length(source.utf8[from]) == to - from) {
                changes.charByChar(length, from, to);
            } else {
                changes.asWhole(length, from, to);
            }
            return this;
        }

        /// Appends a string of which each character came from the bytes `from` to `to`.
        public Builder append(String string, int from, int to) {
            byte[] bytes = Text.of(string).utf8;
            return append(bytes, 0, bytes.length, from, to);
        }

        /// Appends well-formed UTF-8 that came, as a whole, from the bytes `from` to `to` of the text that is being
        /// changed.
        Builder append(byte[] bytes, int start, int end, int from, int to) {
            reserve(end - start);
            System.arraycopy(bytes, start, utf8, length, end - start);
            length += end - start;
            changes.asWhole(length, from, to);
            return this;
        }

        /// Appends the bytes `from` to `to` of the text that is being changed as they are.
        public Builder copy(int from, int to) {
            reserve(to - from);
            System.arraycopy(source.utf8, from, utf8, length, to - from);
            length += to - from;
            changes.charByChar(length, from, to);
            return this;
        }

        private void reserve(int bytes) {
            if (length + bytes > utf8.length) {
                utf8 = Arrays.copyOf(utf8, Math.addExact(Math.max(utf8.length, bytes), utf8.length / 2));
            }
        }

        /// Returns the changed text.
        public Text build() {
            return new Text(utf8, length, source, CHANGED, changes);
        }
    }

    @Override
    public String toString() {
        return string();
    }
}
