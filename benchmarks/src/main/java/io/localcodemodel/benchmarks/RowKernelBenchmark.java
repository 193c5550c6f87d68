package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.kernel.Kernels;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Nanoseconds an element of the kernels over rows, on a row of 1024 elements in the first cache.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(RowKernelBenchmark.LENGTH)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RowKernelBenchmark {
    static final int LENGTH = 1024;

    /// Which kernels run.
    @Param({"reference", "fastest"})
    public String implementation = "fastest";

    private Kernels kernels = Kernels.reference();
    private final float[] x = new float[LENGTH];
    private final float[] gradient = new float[LENGTH];
    private final float[] weight = new float[LENGTH];
    private final float[] out = new float[LENGTH];
    private final float[] more = new float[LENGTH];
    private final float[] statistics = new float[2];

    /// Rows of moderate numbers.
    @Setup
    public void fill() {
        kernels = implementation.equals("fastest") ? Kernels.fastest() : Kernels.reference();
        for (int i = 0; i < LENGTH; i++) {
            x[i] = (float) (4 * Math.sin(i));
            gradient[i] = (float) Math.cos(3 * i);
        }
        Arrays.fill(weight, 1.5f);
    }

    @Benchmark
    public float dot() {
        return kernels.dot(x, 0, weight, 0, LENGTH);
    }

    @Benchmark
    public float exponentials() {
        return kernels.exponentials(x, 0, 4, out, 0, LENGTH);
    }

    @Benchmark
    public void softmax() {
        kernels.softmaxRow(0.125f, x, 0, out, 0, LENGTH);
    }

    @Benchmark
    public void silu() {
        kernels.activate(Activation.SILU, x, 0, out, 0, LENGTH);
    }

    @Benchmark
    public void geluTanh() {
        kernels.activate(Activation.GELU_TANH, x, 0, out, 0, LENGTH);
    }

    @Benchmark
    public void geluErf() {
        kernels.activate(Activation.GELU_ERF, x, 0, out, 0, LENGTH);
    }

    @Benchmark
    public void tanh() {
        kernels.activate(Activation.TANH, x, 0, out, 0, LENGTH);
    }

    @Benchmark
    public void swiGluBackward() {
        kernels.gateBackward(Activation.SILU, x, 0, weight, 0, gradient, 0, out, 0, more, 0, LENGTH, false);
    }

    @Benchmark
    public void layerNorm() {
        kernels.norms().layerNormRow(x, 0, weight, 0, weight, 0, out, 0, LENGTH, 1e-5f, statistics, 0);
    }

    @Benchmark
    public float rmsNorm() {
        return kernels.norms().rmsNormRow(x, 0, weight, 0, 0, out, 0, LENGTH, 1e-5f);
    }
}
