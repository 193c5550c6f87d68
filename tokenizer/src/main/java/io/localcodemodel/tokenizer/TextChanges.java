package io.localcodemodel.tokenizer;

import java.util.Arrays;

/// Which bytes of a text became which bytes of a changed one, in runs from left to right.
///
/// In a run, either each character became one of as many bytes, or all of the run came from all of a range.
final class TextChanges {

    /// The numbers of a run: where it ends in the changed text, and the range that it came from. The beginning of the range
    /// is inverted where the characters came one by one.
    private static final int RUN = 3;

    private final Text source;
    private int[] runs = new int[16 * RUN];
    private int size;

    TextChanges(Text source) {
        this.source = source;
    }

    /// Says that the bytes up to `end` came, character by character, from a range.
    void charByChar(int end, int from, int to) {
        if (size > 0 && runs[size - 2] < 0 && runs[size - 1] == from) {
            runs[size - 3] = end;
            runs[size - 1] = to;
        } else if (from < to) {
            add(end, ~from, to);
        }
    }

    /// Says that the bytes up to `end` came as a whole from a range; from an empty one, that they were inserted there.
    void asWhole(int end, int from, int to) {
        if (size > 0 && runs[size - 2] == from && runs[size - 1] == to) {
            runs[size - 3] = end;
        } else {
            add(end, from, to);
        }
    }

    private void add(int end, int from, int to) {
        if (size == runs.length) {
            runs = Arrays.copyOf(runs, Math.multiplyExact(size, 2));
        }
        runs[size++] = end;
        runs[size++] = from;
        runs[size++] = to;
    }

    /// Works out the place of each byte in the source of the text.
    Places places() {
        int length = size == 0 ? 0 : runs[size - RUN];
        int[] starts = new int[length];
        int[] ends = new int[length];
        Utf8.SourceCursor cursor = new Utf8.SourceCursor(source);
        int at = 0;
        for (int run = 0; run < size; run += RUN) {
            int end = runs[run];
            int from = runs[run + 1];
            int to = runs[run + 2];
            if (from >= 0) {
                int start = cursor.start(from);
                Arrays.fill(starts, at, end, start);
                Arrays.fill(ends, at, end, from == to ? start : cursor.end(to));
                at = end;
            }
            for (int character = ~from; at < end; ) {
                int bytes = Utf8.length(source.utf8()[character]);
                Arrays.fill(starts, at, at + bytes, cursor.start(character));
                character += bytes;
                Arrays.fill(ends, at, at + bytes, cursor.end(character));
                at += bytes;
            }
        }
        return new Places(starts, ends);
    }

    /// Where each byte of a text came from.
    ///
    /// @param starts the index in the source of the first character that became it
    /// @param ends the index after the last one
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Places(int[] starts, int[] ends) {

        Places slice(int from, int to) {
            return new Places(Arrays.copyOfRange(starts, from, to), Arrays.copyOfRange(ends, from, to));
        }
    }
}
