package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import io.localcodemodel.tensor.kernel.Workers;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Microseconds of one matrix product on one thread, with B packed anew and with B kept packed.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ProductBenchmark {
    /// Rows, columns and inner extent.
    @Param({"512x768x768", "256x256x64", "256x64x256"})
    public String shape = "512x768x768";

    /// Which factor is stored transposed.
    @Param({"NN", "NT", "TN"})
    public Layout layout = Layout.NN;

    private final Kernels kernels = Kernels.fastest();
    private final Workers workers = Workers.of(1);
    private final Panels panels = new Panels();
    private int m;
    private int n;
    private int k;
    private float[] a = {};
    private float[] b = {};
    private float[] c = {};

    /// Factors of moderate numbers.
    @Setup
    public void fill() {
        String[] extents = shape.split("x", -1);
        m = Integer.parseInt(extents[0]);
        n = Integer.parseInt(extents[1]);
        k = Integer.parseInt(extents[2]);
        a = random(1, m * k);
        b = random(2, n * k);
        c = new float[m * n];
    }

    private static float[] random(int seed, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = Randomness.uniform(seed, i) - 0.5f;
        }
        return values;
    }

    @Benchmark
    public float[] product() {
        return product(null);
    }

    @Benchmark
    public float[] productWithKeptPanels() {
        return product(panels);
    }

    private float[] product(@Nullable Panels kept) {
        int aStride = layout == Layout.TN ? m : k;
        int bStride = layout == Layout.NT ? k : n;
        kernels.matmul(workers, layout, m, n, k, a, 0, aStride, b, 0, bStride, c, 0, n, Epilogue.ASSIGN, kept);
        return c;
    }
}
