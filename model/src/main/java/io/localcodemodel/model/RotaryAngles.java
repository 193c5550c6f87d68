package io.localcodemodel.model;

import io.localcodemodel.tensor.op.RotaryTable;

/// The rotary table of a model, made as long as the positions that have been asked for.
///
/// A config may allow far more positions than a process ever uses, so its context length alone must not decide how
/// much memory is taken. Safe for several threads: two may make the same table, and either is right.
final class RotaryAngles {
    /// Numbers in the table that is made at once: with 64 pairs, contexts of up to 2048 tokens get their whole table.
    private static final int FIRST = 1 << 17;

    private final double[] inverseFrequencies;
    private final boolean interleaved;
    private final int contextLength;
    private volatile RotaryTable table;

    RotaryAngles(Position.Rotary rotary, int contextLength) {
        this.inverseFrequencies = rotary.inverseFrequencies();
        this.interleaved = rotary.interleaved();
        this.contextLength = contextLength;
        int first = Math.max(1, FIRST / inverseFrequencies.length);
        this.table = new RotaryTable(inverseFrequencies, Math.min(first, contextLength), interleaved);
    }

    /// A table of at least the given number of positions, which is at most the context length.
    RotaryTable covering(int positions) {
        RotaryTable current = table;
        if (current.positions() >= positions) {
            return current;
        }
        int doubled = Integer.highestOneBit(positions - 1) << 1;
        int length = doubled <= 0 ? contextLength : Math.min(contextLength, doubled);
        RotaryTable longer = new RotaryTable(inverseFrequencies, length, interleaved);
        table = longer;
        return longer;
    }
}
