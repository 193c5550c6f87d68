package io.localcodemodel.tensor.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// Workers on threads of an executor, asked for anew with each task. Helpers that the executor has not begun yet are not
/// asked a second time: they help with the task that is open when they begin.
final class ExecutorWorkers implements Workers {
    private final BlockQueue queue = new BlockQueue();
    private final SpareScratch spare = new SpareScratch();
    private final int count;
    private final Executor executor;
    /// How many helpers were asked for and have not begun.
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean closed;

    ExecutorWorkers(int count, Executor executor) {
        this.count = count;
        this.executor = executor;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public void run(int blocks, Block block) {
        BlockQueue.requireOpen(closed);
        if (blocks <= 1 || !queue.tryAcquire()) {
            spare.runInline(blocks, block);
            return;
        }
        Scratch scratch = spare.borrow();
        try {
            // Read before the task is open: who begins from here on may take part in it and is counted.
            int missing = Math.min(count, blocks) - 1 - asked.get();
            int task = queue.open(blocks, block);
            try {
                askForHelp(missing);
            } finally {
                // Also where the executor failed, out of memory for a thread say: who was asked before may be in a
                // block.
                int led = queue.lead(task, scratch);
                queue.await(blocks - led);
            }
        } finally {
            spare.giveBack(scratch);
            queue.release();
        }
    }

    private void askForHelp(int helpers) {
        for (int i = 0; i < helpers; i++) {
            asked.incrementAndGet();
            try {
                executor.execute(this::help);
            } catch (RejectedExecutionException e) {
                // The caller computes what nobody else does.
                asked.decrementAndGet();
                return;
            } catch (Throwable t) {
                asked.decrementAndGet();
                throw t;
            }
        }
    }

    private void help() {
        int task = queue.current();
        asked.decrementAndGet();
        Scratch scratch = spare.borrow();
        try {
            queue.work(task, scratch);
        } finally {
            spare.giveBack(scratch);
        }
    }

    @Override
    public Scratch borrow() {
        return spare.borrow();
    }

    @Override
    public void giveBack(Scratch scratch) {
        spare.giveBack(scratch);
    }

    @Override
    public long scratchBytes() {
        return spare.bytes();
    }

    @Override
    public void close() {
        closed = true;
    }
}
