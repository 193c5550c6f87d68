package io.localcodemodel.tensor.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The blocks of one task after another, claimed one by one by whoever has time.
///
/// The number of the task and the next block to claim are one word, and a claim is one compare-and-set on it. So a
/// worker that comes late, when its task is over and perhaps the next one open, cannot claim a block of a task whose
/// fields it has not read. Nobody waits for a worker that has claimed nothing.
final class BlockQueue {
    private static final VarHandle STATE = handle("state", long.class);
    private static final VarHandle TASK = handle("task", Workers.Block.class);
    private static final VarHandle COMPLETED = handle("completed", int.class);
    private static final VarHandle FAILURE = handle("failure", Throwable.class);
    /// How long the caller looks whether the last block has ended before it sleeps: longer than the last block of a task
    /// usually takes, since being woken takes some tens of microseconds of the worker and of the caller.
    private static final long SPIN_NANOS = 200_000;
    /// How often it looks between two readings of the clock.
    private static final int LOOKS = 64;
    private static final Workers.Block NO_TASK = (index, scratch) -> {};

    /// The task's number in the upper half, how many of its blocks nobody has claimed in the lower.
    private volatile long state;

    private Workers.Block task = NO_TASK;
    private int blocks;
    /// How many blocks have ended of those that were not the caller's.
    private volatile int completed;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread sleeper;
    private final AtomicBoolean busy = new AtomicBoolean();

    private static VarHandle handle(String field, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(BlockQueue.class, field, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static void requireOpen(boolean closed) {
        if (closed) {
            throw new IllegalStateException("these workers are closed");
        }
    }

    /// Takes the queue for a task; false where somebody has it.
    boolean tryAcquire() {
        return busy.compareAndSet(false, true);
    }

    /// Lets others have the queue.
    void release() {
        busy.set(false);
    }

    /// Opens a task and returns its number. The caller has acquired the queue, and block 0 is the caller's.
    int open(int count, Workers.Block block) {
        int number = taskOf(state) + 1;
        // Nothing is left of the last task, so nobody acts on fields that are half the old and half the new.
        task = block;
        blocks = count;
        COMPLETED.setRelease(this, 0);
        state = (long) number << 32 | (count - 1);
        return number;
    }

    private static int taskOf(long word) {
        return (int) (word >>> 32);
    }

    /// The number of the task that was opened last.
    int current() {
        return taskOf((long) STATE.getAcquire(this));
    }

    /// Whether a task is open.
    @SuppressWarnings("ReferenceEquality") // the very object that stands for no task
    boolean isRunning() {
        return TASK.getOpaque(this) != NO_TASK;
    }

    /// Runs block 0 of the task with the given number, which the caller has opened, and what is left of the others; returns
    /// how many.
    int lead(int number, Scratch scratch) {
        runOne(task, 0, scratch);
        return 1 + runClaimed(number, scratch);
    }

    /// Claims and runs blocks of the task with the given number until none is left.
    void work(int number, Scratch scratch) {
        int done = runClaimed(number, scratch);
        if (done > 0) {
            complete(done);
        }
    }

    private int runClaimed(int number, Scratch scratch) {
        int done = 0;
        while (true) {
            long word = (long) STATE.getAcquire(this);
            Workers.Block block = task;
            int count = blocks;
            int left = (int) word;
            if (taskOf(word) != number || left == 0) {
                return done;
            }
            if (STATE.compareAndSet(this, word, word - 1)) {
                runOne(block, count - left, scratch);
                done++;
            }
        }
    }

    private void runOne(Workers.Block block, int index, Scratch scratch) {
        if (failure != null) {
            return;
        }
        try {
            block.run(index, scratch);
        } catch (Throwable t) { // also an error must reach the caller instead of ending the thread
            FAILURE.compareAndSet(this, null, t);
        }
    }

    private void complete(int done) {
        COMPLETED.getAndAdd(this, done);
        Thread waiting = sleeper;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
    }

    /// Waits until the `count` blocks of the open task that others have claimed have ended, and throws what one of all the
    /// blocks threw.
    void await(int count) {
        if (!looked(count)) {
            long start = System.nanoTime();
            while (!looked(count)) {
                if (System.nanoTime() - start > SPIN_NANOS) {
                    sleepUntilCompleted(count);
                }
            }
        }
        TASK.setOpaque(this, NO_TASK);
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            BlockQueue.<RuntimeException>throwUnchecked(thrown);
        }
    }

    /// Looks a few times and returns whether `count` blocks have ended.
    private boolean looked(int count) {
        for (int look = 0; look < LOOKS; look++) {
            if (completed == count) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    private void sleepUntilCompleted(int count) {
        sleeper = Thread.currentThread();
        boolean interrupted = false;
        while (completed != count) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted(); // or park would return at once
        }
        sleeper = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// A block declares no checked exception, so what it threw may be thrown on as it is.
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwUnchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
