package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Runs one task on several threads, the caller's among them, and waits for all.
final class Threads {

    private Threads() {}

    /// Runs the task `count` times at once. The first failure, which the task may look at to stop early, is thrown
    /// again here after all have ended.
    static void run(int count, Runnable task, AtomicReference<@Nullable Throwable> failure) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        };
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            threads.add(Thread.ofPlatform().name("tokenizer-", i).daemon().start(guarded));
        }
        guarded.run();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable thrown = failure.get();
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }
}
