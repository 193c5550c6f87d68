package io.localcodemodel.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Where the time of passes goes: calls, nanoseconds, floating-point operations and bytes of each operation, forward and
/// backward apart.
///
/// ```
/// Profile profile = new Profile();
/// try (Pass pass = Pass.training(compute, arena, seed).profiled(profile)) {
///     pass.backward(model.loss(pass, batch, targets));
/// }
/// String table = profile.table(1);
/// ```
///
/// Not thread-safe: it belongs to the thread of the passes it is given to.
public final class Profile {
    /// Which way through an operation.
    public enum Direction {
        /// From inputs to output.
        FORWARD,
        /// From the gradient of the output to those of the inputs.
        BACKWARD,
        /// Neither: what belongs to a step as a whole, such as its batch or the optimiser.
        STEP
    }

    /// What one operation took in one direction, all calls together.
    ///
    /// @param operation the operation
    /// @param direction which way
    /// @param calls how often it ran
    /// @param nanoseconds how long it took
    /// @param flops how many floating-point operations its shapes ask for
    /// @param bytes how many bytes its inputs and outputs are
    public record Line(String operation, Direction direction, long calls, long nanoseconds, long flops, long bytes) {
        /// Floating-point operations per nanosecond: GFLOP/s.
        public double gigaflopsPerSecond() {
            return nanoseconds == 0 ? 0 : (double) flops / nanoseconds;
        }

        /// Bytes per nanosecond: GB/s.
        public double gigabytesPerSecond() {
            return nanoseconds == 0 ? 0 : (double) bytes / nanoseconds;
        }
    }

    private record Key(String operation, Direction direction) {}

    /// Calls, nanoseconds, flops, bytes.
    private final Map<Key, long[]> sums = new HashMap<>();

    /// A profile of nothing yet.
    public Profile() {}

    /// Adds one call of an operation, or of anything else that belongs into the same table, such as an optimiser step.
    public void add(Work work, Direction direction, long nanoseconds) {
        long[] sum = sums.computeIfAbsent(new Key(work.operation(), direction), key -> new long[4]);
        sum[0]++;
        sum[1] += nanoseconds;
        sum[2] += work.flops();
        sum[3] += work.bytes();
    }

    /// Runs an operation and adds its time, less that of what runs inside it under a name of its own.
    public void time(Work work, Direction direction, Runnable operation) {
        long others = nanoseconds();
        long begin = System.nanoTime();
        operation.run();
        add(work, direction, System.nanoTime() - begin - (nanoseconds() - others));
    }

    /// One line for each operation and direction, the longest time first.
    public List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        sums.forEach((key, sum) -> lines.add(new Line(key.operation, key.direction, sum[0], sum[1], sum[2], sum[3])));
        lines.sort(Comparator.comparingLong(Line::nanoseconds)
                .reversed()
                .thenComparing(Line::operation)
                .thenComparing(Line::direction));
        return lines;
    }

    /// The time of all lines together.
    public long nanoseconds() {
        return sums.values().stream().mapToLong(sum -> sum[1]).sum();
    }

    /// The lines as a table for people: for each operation its calls, milliseconds and share, GFLOP/s and GB/s.
    ///
    /// @param steps how many steps were measured; calls and milliseconds are those of one of them
    public String table(long steps) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                "%-22s %-8s %7s %9s %6s %9s %8s%n", "operation", "", "calls", "ms", "share", "GFLOP/s", "GB/s"));
        long flops = 0;
        for (Line line : lines()) {
            flops += line.flops();
            table.append(String.format(
                    Locale.ROOT,
                    "%-22s %-8s %7.1f %9.2f %5.1f%% %9.1f %8.1f%n",
                    line.operation(),
                    line.direction().name().toLowerCase(Locale.ROOT),
                    (double) line.calls() / steps,
                    line.nanoseconds() * 1e-6 / steps,
                    100.0 * line.nanoseconds() / nanoseconds(),
                    line.gigaflopsPerSecond(),
                    line.gigabytesPerSecond()));
        }
        double perNanosecond = nanoseconds() == 0 ? 0 : (double) flops / nanoseconds();
        table.append(String.format(
                Locale.ROOT,
                "%-31s %7s %9.2f %6s %9.1f%n",
                "all",
                "",
                nanoseconds() * 1e-6 / steps,
                "",
                perNanosecond));
        return table.toString();
    }

    /// Forgets everything, for example after warming up.
    public void clear() {
        sums.clear();
    }
}
