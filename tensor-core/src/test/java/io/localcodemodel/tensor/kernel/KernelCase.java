package io.localcodemodel.tensor.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// One way to call one kernel: its spans, and how to call it on them.
final class KernelCase {
    /// What a kernel does with a span.
    enum Use {
        READ,
        WRITTEN,
        UPDATED
    }

    /// One span: its length as a function of the case's length, and what it holds.
    record Span(Use use, IntUnaryOperator length, float low, float high) {}

    /// Calls the kernel; returns its result, 0 where it has none.
    interface Call {
        double run(Kernels kernels, float[][] arrays, int[] offsets, int length);
    }

    /// The method of [Kernels] that is called.
    final String method;
    /// What tells this case from others of the method.
    final String variant;

    final List<Span> spans = new ArrayList<>();
    /// Pairs of spans that may coincide.
    final List<int[]> aliases = new ArrayList<>();

    Call call = (kernels, arrays, offsets, length) -> 0;
    /// Largest deviation allowed, relative to the size of the reference's values.
    double tolerance = 2e-6;

    KernelCase(String method, String variant) {
        this.method = method;
        this.variant = variant;
    }

    KernelCase read() {
        return read(-2, 2);
    }

    KernelCase read(float low, float high) {
        return span(Use.READ, n -> n, low, high);
    }

    KernelCase written() {
        return span(Use.WRITTEN, n -> n, -2, 2);
    }

    KernelCase updated() {
        return span(Use.UPDATED, n -> n, -2, 2);
    }

    KernelCase span(Use use, IntUnaryOperator length, float low, float high) {
        spans.add(new Span(use, length, low, high));
        return this;
    }

    KernelCase alias(int first, int second) {
        aliases.add(new int[] {first, second});
        return this;
    }

    KernelCase tolerance(double tolerance) {
        this.tolerance = tolerance;
        return this;
    }

    KernelCase calls(Call call) {
        this.call = call;
        return this;
    }

    @Override
    public String toString() {
        return method + (variant.isEmpty() ? "" : " " + variant);
    }
}
