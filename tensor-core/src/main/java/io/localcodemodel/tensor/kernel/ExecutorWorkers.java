package io.localcodemodel.tensor.kernel;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

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
        Scratch scratch = spare.borrow();
        try {
            int task = queue.open(blocks, block);
            try {
                askForHelp(Math.min(count, blocks) - 1, task);
            } finally {
                // Also where the executor failed, out of memory for a thread say: who was asked before may be in a
                // block.
                queue.lead(task, scratch);
                queue.await(blocks);
            }
        } finally {
            spare.giveBack(scratch);
            queue.release();
        }
    }

    private void askForHelp(int helpers, int task) {
        try {
            for (int i = 0; i < helpers; i++) {
                executor.execute(() -> help(task));
            }
        } catch (RejectedExecutionException e) {
            // The caller computes what nobody else does.
        }
    }

    private void help(int task) {
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
