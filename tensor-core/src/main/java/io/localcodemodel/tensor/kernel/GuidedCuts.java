package io.localcodemodel.tensor.kernel;

import java.util.Arrays;

/// Cuts an extent into parts that several workers claim one after another: long ones first, short ones last.
///
/// A part is a fixed share of what is left (Polychronopoulos and Kuck 1987, "Guided self-scheduling"). So there are few
/// parts, and a worker that started late, or whose core is slower at the moment, leaves the others waiting for no longer
/// than the shortest part takes.
final class GuidedCuts {
    /// How many parts of its size the rest would make for each worker.
    private static final int SHARES = 2;

    private int[] ends = new int[32];
    private int count;

    /// Cuts `units` units into parts of at most `most`; equal ones for a worker alone.
    void cut(int units, int most, int workers) {
        count = 0;
        int equal = Math.ceilDiv(units, most);
        for (int end = 0; end < units; ) {
            end = workers == 1
                    ? (int) ((long) units * (count + 1) / equal)
                    : end + Math.clamp((units - end) / (SHARES * workers), 1, most);
            add(end);
        }
    }

    private void add(int end) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        ends[count++] = end;
    }

    /// The number of parts.
    int count() {
        return count;
    }

    /// The first unit of part `i`.
    int start(int i) {
        return i == 0 ? 0 : ends[i - 1];
    }

    /// The unit after the last one of part `i`.
    int end(int i) {
        return ends[i];
    }
}
