package io.localcodemodel.tensor;

/// How much an operation has to do, for a [Profile]: counted from its shapes, not measured.
///
/// @param operation what the operation is called in a report
/// @param flops floating-point operations, a multiplication and an addition counting as two
/// @param bytes the bytes of its inputs and outputs, each counted once
public record Work(String operation, long flops, long bytes) {
    /// The work of an operation that reads and writes `elements` floats in all and does about one operation on each.
    public static Work elementwise(String operation, long elements) {
        return new Work(operation, elements, elements * Float.BYTES);
    }

    /// The work of a product of `m × k` and `k × n` floats: `2·m·n·k` operations.
    public static Work product(String operation, long m, long n, long k) {
        return new Work(operation, 2 * m * n * k, (m * k + k * n + m * n) * Float.BYTES);
    }

    /// The same operation with `factor` times as much to do.
    public Work times(double factor) {
        return new Work(operation, Math.round(factor * flops), Math.round(factor * bytes));
    }
}
