package io.localcodemodel.tensor.kernel;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Workers with threads of their own, which spin for [#SPIN_NANOS] after a task and then sleep.
///
/// A sleeping thread takes tens of microseconds to wake, a spinning one a fraction of one; the operations of a model
/// follow each other within microseconds, so threads hardly ever sleep inside a step and always do after it.
final class ThreadWorkers implements Workers {
    /// How long an idle thread looks for a task, after the last one has ended, before it sleeps.
    static final long SPIN_NANOS = 80_000;

    /// How often it looks between two readings of the clock.
    private static final int LOOKS = 64;

    private final BlockQueue queue = new BlockQueue();
    private final SpareScratch spare = new SpareScratch();
    private final Scratch callerScratch = new Scratch();
    private final Worker[] workers;
    private final AtomicInteger sleeping = new AtomicInteger();
    private volatile boolean closed;

    ThreadWorkers(int count, ThreadFactory threads) {
        workers = new Worker[count - 1];
        try {
            for (int i = 0; i < workers.length; i++) {
                Worker worker = new Worker(threads);
                workers[i] = worker;
                worker.thread.start();
            }
        } catch (Throwable t) {
            close();
            throw t;
        }
    }

    @Override
    public int count() {
        return workers.length + 1;
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
            if (sleeping.get() != 0) {
                wake();
            }
            int led = queue.lead(task, callerScratch);
            queue.await(blocks - led);
        } finally {
            queue.release();
        }
    }

    private void wake() {
        for (Worker worker : workers) {
            if (worker.asleep) {
                LockSupport.unpark(worker.thread);
            }
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
        long bytes = spare.bytes() + callerScratch.bytes();
        for (Worker worker : workers) {
            bytes += worker.scratch.bytes();
        }
        return bytes;
    }

    @Override
    public void close() {
        for (Worker worker : workers) {
            if (worker != null && worker.thread.equals(Thread.currentThread())) {
                throw new IllegalStateException("a block cannot close the workers that run it");
            }
        }
        closed = true;
        boolean interrupted = false;
        for (Worker worker : workers) {
            if (worker != null) {
                LockSupport.unpark(worker.thread);
                interrupted |= join(worker.thread);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for the end of a thread and returns whether the caller was interrupted meanwhile.
    private static boolean join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private final class Worker implements Runnable {
        final Thread thread;
        final Scratch scratch = new Scratch();
        volatile boolean asleep;

        Worker(ThreadFactory threads) {
            Thread made = threads.newThread(this);
            if (made == null) {
                throw new IllegalStateException("the thread factory made no thread");
            }
            thread = made;
        }

        @Override
        public void run() {
            int seen = 0;
            while (awaitTask(seen)) {
                seen = queue.current();
                queue.work(seen, scratch);
            }
        }

        /// Returns true when a task newer than `seen` is open, false when the workers are closed.
        private boolean awaitTask(int seen) {
            while (!closed) {
                long start = System.nanoTime();
                do {
                    for (int look = 0; look < LOOKS; look++) {
                        if (queue.current() != seen) {
                            return true;
                        }
                        Thread.onSpinWait();
                    }
                    if (queue.isRunning()) {
                        start = System.nanoTime();
                    }
                } while (!closed && System.nanoTime() - start < SPIN_NANOS);
                sleep(seen);
            }
            return false;
        }

        private void sleep(int seen) {
            asleep = true;
            sleeping.incrementAndGet();
            while (!closed && queue.current() == seen) {
                LockSupport.park(queue);
                Thread.interrupted(); // or park would return at once
            }
            sleeping.decrementAndGet();
            asleep = false;
        }
    }
}
