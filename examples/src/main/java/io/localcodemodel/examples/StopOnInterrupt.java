package io.localcodemodel.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ends a run on Ctrl-C after the step it is at, and keeps the process alive until the run is saved.
final class StopOnInterrupt {
    private final CountDownLatch saved = new CountDownLatch(1);
    private @Nullable Thread hook;

    /// From now on Ctrl-C calls `stop` and waits for [#saved()].
    void stop(Runnable stop) {
        hook = new Thread(() -> stopAndWait(stop), "save-on-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stopAndWait(Runnable stop) {
        stop.run();
        try {
            if (!saved.await(1, TimeUnit.MINUTES)) {
                System.err.println("gave up waiting for the checkpoint; the one before it is whole");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// From now on Ctrl-C ends the process at once.
    ///
    /// @return false if it was pressed already and the process is about to end
    boolean ignore() {
        try {
            if (hook != null) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
            return true;
        } catch (IllegalStateException e) {
            // The process is ending: too late to remove a hook.
            return false;
        }
    }

    /// Everything is on the disk, or failed.
    void saved() {
        saved.countDown();
    }
}
