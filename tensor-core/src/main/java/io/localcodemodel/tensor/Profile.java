package io.localcodemodel.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the time of passes goes: calls, nanoseconds, floating-point operations and bytes of each operation, forward and
/// backward apart.
///
/// ```
/// Profile profile = new Profile();
/// try (Pass pass = Pass.training(compute, arena, seed).profiled(profile)) {
///     pass.backward(model.loss(pass, batch, targets));
/// }
/// profile.lines().forEach(System.out::println);
/// ```
///
/// Not thread-safe: it belongs to the thread of the passes it is given to.
public final class Profile {
    /// Which way through an operation.
    public enum Direction {
        /// From inputs to output.
        FORWARD,
        /// From the gradient of the output to those of the inputs.
        BACKWARD
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

    /// Forgets everything, for example after warming up.
    public void clear() {
        sums.clear();
    }
}
