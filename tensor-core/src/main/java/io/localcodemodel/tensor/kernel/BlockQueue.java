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
    private static final VarHandle COMPLETED = handle("completed", int.class);
    private static final VarHandle FAILURE = handle("failure", Throwable.class);
    private static final int NOTHING_LEFT = Integer.MAX_VALUE;
    /// How often the caller looks whether the last block has ended before it sleeps: some tens of microseconds.
    private static final int LOOKS = 2_000;
    private static final Workers.Block NO_TASK = (index, scratch) -> {};

    /// The task's number in the upper half, the next block in the lower.
    private volatile long state = NOTHING_LEFT;

    private Workers.Block task = NO_TASK;
    private int blocks;
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

    /// Opens a task and returns its number. The caller has acquired the queue.
    int open(int count, Workers.Block block) {
        int number = taskOf(state) + 1;
        // Claims of the last task fail from here on, so no worker acts on fields that are half the old and half the
        // new.
        STATE.setRelease(this, word(number - 1, NOTHING_LEFT));
        VarHandle.storeStoreFence();
        task = block;
        blocks = count;
        failure = null;
        COMPLETED.setRelease(this, 0);
        state = word(number, 0);
        return number;
    }

    private static long word(int task, int next) {
        return (long) task << 32 | next;
    }

    private static int taskOf(long word) {
        return (int) (word >>> 32);
    }

    /// The number of the task that was opened last.
    int current() {
        return taskOf((long) STATE.getAcquire(this));
    }

    /// Claims and runs blocks of the task with the given number until none is left.
    void work(int number, Scratch scratch) {
        int done = 0;
        while (true) {
            long word = (long) STATE.getAcquire(this);
            Workers.Block block = task;
            int count = blocks;
            int next = (int) word;
            if (taskOf(word) != number || next >= count) {
                break;
            }
            if (STATE.compareAndSet(this, word, word + 1)) {
                runOne(block, next, scratch);
                done++;
            }
        }
        if (done > 0) {
            complete(done);
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

    /// Waits until all `count` blocks of the open task have ended, and throws what one of them threw.
    void await(int count) {
        for (int look = 0; completed != count; look++) {
            if (look < LOOKS) {
                Thread.onSpinWait();
            } else {
                sleepUntilCompleted(count);
            }
        }
        task = NO_TASK;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            BlockQueue.<RuntimeException>throwUnchecked(thrown);
        }
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
