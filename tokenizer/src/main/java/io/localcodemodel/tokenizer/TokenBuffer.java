package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A growing list of tokens that a model writes to, with or without their places in the source.
///
/// A buffer also carries the scratch memory of the model that fills it, so that a model is immutable and yet does
/// not allocate for each word. One buffer serves one thread at a time.
public final class TokenBuffer {

    private static final int INITIAL = 64;

    private int[] ids = new int[INITIAL];
    private int[] starts = new int[0];
    private int[] ends = new int[0];
    private int size;
    private boolean places;
    private Utf8.@Nullable SourceCursor cursor;
    private @Nullable Text cursorText;
    private @Nullable Object scratch;
    private @Nullable Object scratchOwner;

    TokenBuffer() {}

    /// Empties the buffer, and says whether places are wanted.
    void reset(boolean wantPlaces) {
        size = 0;
        places = wantPlaces;
        cursor = null;
        cursorText = null;
        if (wantPlaces && starts.length < ids.length) {
            starts = new int[ids.length];
            ends = new int[ids.length];
        }
    }

    /// Whether the tokens' places in the source are wanted.
    ///
    /// Where they are not, a model may use [#add(int)].
    public boolean wantsPlaces() {
        return places;
    }

    /// Returns the number of tokens.
    public int size() {
        return size;
    }

    /// Appends a token that the bytes `from` to `to` of a text became.
    public void add(int id, Text text, int from, int to) {
        if (!places) {
            add(id);
            return;
        }
        if (cursor == null || cursorText != text) {
            cursor = new Utf8.SourceCursor(text);
            cursorText = text;
        }
        if (size == ids.length) {
            grow(1);
        }
        ids[size] = id;
        starts[size] = cursor.start(from);
        ends[size++] = cursor.end(to);
    }

    /// Appends a token without its place.
    void add(int id) {
        if (size == ids.length) {
            grow(1);
        }
        ids[size++] = id;
    }

    /// Appends the first `count` of five tokens, without their places and without a branch for each.
    void addUpToFive(int count, int first, int second, int third, int fourth, int fifth) {
        if (size + 5 > ids.length) {
            grow(5);
        }
        int[] array = ids;
        int at = size;
        array[at] = first;
        array[at + 1] = second;
        array[at + 2] = third;
        array[at + 3] = fourth;
        array[at + 4] = fifth;
        size = at + count;
    }

    /// Appends tokens without their places.
    void addAll(int[] from, int offset, int count) {
        if (size + count > ids.length) {
            grow(count);
        }
        System.arraycopy(from, offset, ids, size, count);
        size += count;
    }

    private void grow(int count) {
        int capacity = Math.addExact(Math.max(ids.length, count), ids.length);
        ids = Arrays.copyOf(ids, capacity);
        if (places) {
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
    }

    /// Returns the scratch memory of a model, made when this buffer has none of that model's yet.
    ///
    /// @param owner the model
    @SuppressWarnings("ReferenceEquality") // scratch memory belongs to one object, not to its equals
    <S> S scratch(Object owner, Class<S> kind, Supplier<S> make) {
        if (scratchOwner != owner) {
            scratch = make.get();
            scratchOwner = owner;
        }
        return Objects.requireNonNull(kind.cast(scratch));
    }

    /// Returns the array of ids itself, of which the first [#size()] count.
    int[] array() {
        return ids;
    }

    int[] ids() {
        return Arrays.copyOf(ids, size);
    }

    Encoding encoding() {
        return new Encoding(ids(), Arrays.copyOf(starts, size), Arrays.copyOf(ends, size), new int[size]);
    }

    /// Gives back memory that one very long text made necessary.
    void trim(int keep) {
        if (ids.length > keep) {
            ids = new int[INITIAL];
            starts = new int[0];
            ends = new int[0];
        }
        cursor = null;
        cursorText = null;
    }
}
