package io.localcodemodel.tensor.kernel;

import java.util.ArrayDeque;

/// Scratch memory that nobody uses at the moment.
final class SpareScratch {
    private final ArrayDeque<Scratch> spare = new ArrayDeque<>();

    synchronized Scratch borrow() {
        Scratch scratch = spare.poll();
        return scratch == null ? new Scratch() : scratch;
    }

    synchronized void giveBack(Scratch scratch) {
        spare.push(scratch);
    }

    /// The memory of all that nobody uses.
    synchronized long bytes() {
        long bytes = 0;
        for (Scratch scratch : spare) {
            bytes += scratch.bytes();
        }
        return bytes;
    }

    /// Runs all blocks of a task on the calling thread.
    void runInline(int blocks, Workers.Block block) {
        Scratch scratch = borrow();
        try {
            for (int i = 0; i < blocks; i++) {
                block.run(i, scratch);
            }
        } finally {
            giveBack(scratch);
        }
    }
}
