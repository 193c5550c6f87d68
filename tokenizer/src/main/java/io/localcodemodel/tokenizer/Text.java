package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A text as UTF-8 bytes, with the place in the source that each byte came from.
///
/// The pipeline works on bytes, since most vocabularies spell bytes and source code is nearly all ASCII. The bytes
/// are always well-formed UTF-8. While no stage has changed the text, places are found by counting characters, from
/// marks that are set when the first place far from the beginning is asked for.
public final class Text {

    /// Bytes between two places of which the number of characters before them is kept.
    private static final int MARK_EVERY = 1 << 10;

    private final byte[] utf8;
    private final int length;
    private final int base;
    private final int @Nullable [] starts;
    private final int @Nullable [] ends;
    private volatile int @Nullable [] marks;

    private Text(byte[] utf8, int length, int base, int @Nullable [] starts, int @Nullable [] ends) {
        this.utf8 = utf8;
        this.length = length;
        this.base = base;
        this.starts = starts;
        this.ends = ends;
    }

    /// Takes a string. Surrogates without their other half, which UTF-8 cannot write, become U+FFFD.
    public static Text of(String source) {
        byte[] utf8 =
                Utf8.hasLoneSurrogate(source) ? replaceLoneSurrogates(source) : source.getBytes(StandardCharsets.UTF_8);
        return new Text(utf8, utf8.length, 0, null, null);
    }

    /// Takes UTF-8 bytes without copying them; malformed sequences become U+FFFD.
    static Text ofUtf8(byte[] utf8, int length) {
        return Utf8.isWellFormed(utf8, 0, length)
                ? new Text(utf8, length, 0, null, null)
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
        return new Text(
                Arrays.copyOfRange(utf8, from, to),
                to - from,
                sourceStart(from),
                starts == null ? null : Arrays.copyOfRange(starts, from, to),
                ends == null ? null : Arrays.copyOfRange(ends, from, to));
    }

    /// Whether no character of the source lies before the part of this text that begins at `index`.
    public boolean startsSource(int index) {
        return index == 0 ? base == 0 : starts != null && index < length && starts[index] == 0;
    }

    /// Returns the index in the source of the character that the byte at `index` belongs to.
    public int sourceStart(int index) {
        if (starts == null) {
            int start = index;
            while (start < length && start > 0 && Utf8.isContinuation(utf8[start])) {
                start--;
            }
            return base + characters(start);
        }
        return index < length ? starts[index] : ends == null || length == 0 ? base : ends[length - 1];
    }

    /// Returns the index in the source after the character that the byte before `index` belongs to.
    public int sourceEnd(int index) {
        if (ends == null) {
            int end = index;
            while (end < length && Utf8.isContinuation(utf8[end])) {
                end++;
            }
            return base + characters(end);
        }
        return index == 0 ? sourceStart(0) : ends[index - 1];
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
        return starts == null;
    }

    /// Builds a changed text character by character, and keeps track of where each came from.
    public static final class Builder {

        private final Text source;
        private final Utf8.SourceCursor cursor;
        private byte[] utf8;
        private int[] starts;
        private int[] ends;
        private int length;

        /// Begins a changed form of a text.
        public Builder(Text source) {
            this.source = source;
            this.cursor = new Utf8.SourceCursor(source);
            int capacity = source.length + 16;
            this.utf8 = new byte[capacity];
            this.starts = new int[capacity];
            this.ends = new int[capacity];
        }

        /// Appends a character that came from the bytes `from` to `to` of the text that is being changed.
        ///
        /// An empty range stands for a character that was inserted there.
        public Builder append(int codePoint, int from, int to) {
            reserve(4);
            int start = cursor.start(from);
            int end = from == to ? start : cursor.end(to);
            int before = length;
            length += Utf8.encode(
                    codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? 0xFFFD : codePoint,
                    utf8,
                    length);
            Arrays.fill(starts, before, length, start);
            Arrays.fill(ends, before, length, end);
            return this;
        }

        /// Appends a string of which each character came from the bytes `from` to `to`.
        public Builder append(String string, int from, int to) {
            string.codePoints().forEach(c -> append(c, from, to));
            return this;
        }

        /// Appends well-formed UTF-8 that came, as a whole, from the bytes `from` to `to` of the text that is being
        /// changed.
        Builder append(byte[] bytes, int start, int end, int from, int to) {
            reserve(end - start);
            System.arraycopy(bytes, start, utf8, length, end - start);
            Arrays.fill(starts, length, length + end - start, cursor.start(from));
            Arrays.fill(ends, length, length + end - start, cursor.end(to));
            length += end - start;
            return this;
        }

        /// Appends the bytes `from` to `to` of the text that is being changed as they are.
        public Builder copy(int from, int to) {
            for (int at = from; at < to; ) {
                int next = at + Utf8.length(source.utf8[at]);
                append(Utf8.decode(source.utf8, at), at, next);
                at = next;
            }
            return this;
        }

        private void reserve(int bytes) {
            if (length + bytes > utf8.length) {
                int capacity = Math.addExact(Math.max(utf8.length, bytes), utf8.length / 2);
                utf8 = Arrays.copyOf(utf8, capacity);
                starts = Arrays.copyOf(starts, capacity);
                ends = Arrays.copyOf(ends, capacity);
            }
        }

        /// Returns the changed text.
        public Text build() {
            return new Text(utf8, length, source.base, starts, ends);
        }
    }

    @Override
    public String toString() {
        return string();
    }
}
