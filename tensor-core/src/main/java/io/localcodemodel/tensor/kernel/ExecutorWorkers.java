package io.localcodemodel.tensor.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Workers on threads of an executor, asked for anew with each task.
final class ExecutorWorkers implements Workers {
    private final BlockQueue queue = new BlockQueue();
    private final SpareScratch spare = new SpareScratch();
    private final int count;
    private final Executor executor;
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
        try {
            int task = queue.open(blocks, block);
            askForHelp(Math.min(count, blocks) - 1, task);
            withScratch(scratch -> queue.lead(task, scratch));
            queue.await(blocks);
        } finally {
            queue.release();
        }
    }

    private void askForHelp(int helpers, int task) {
        try {
            for (int i = 0; i < helpers; i++) {
                executor.execute(() -> withScratch(scratch -> queue.work(task, scratch)));
            }
        } catch (RejectedExecutionException e) {
            // The caller computes what nobody else does.
        }
    }

    private void withScratch(Consumer<Scratch> work) {
        Scratch scratch = spare.borrow();
        try {
            work.accept(scratch);
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
