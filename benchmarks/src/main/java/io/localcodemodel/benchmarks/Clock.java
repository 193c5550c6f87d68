package io.localcodemodel.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/// Which time a measurement takes.
final class Clock {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Clock() {}

    /// Nanoseconds since some moment.
    ///
    /// @param alone whether only the calling thread works: then the processor time of the thread, which leaves out what
    ///     other programs take of a busy machine; otherwise the time of the day
    static long nanos(boolean alone) {
        return alone ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
