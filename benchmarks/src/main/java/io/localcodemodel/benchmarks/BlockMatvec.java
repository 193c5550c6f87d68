package io.localcodemodel.benchmarks;

import static io.localcodemodel.benchmarks.Figures.median;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tools.jackson.jr.ob.JSON;

/// A matrix of each block format times one vector, as decoding does it, against the speed at which this machine reads
/// memory: each format in turn, next to a plain read of the same bytes, round by round, after all formats have run in the
/// process. Beside it what a row in the cache takes, and what the heap pays for a product.
///
/// `benchmarks/run BlockMatvec [--quick]`; `BENCHMARK_JAVA_OPTIONS=-XX:UseAVX=2` shows a processor without AVX-512.
final class BlockMatvec {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int COLUMNS = 4096;
    /// Far more than any cache holds.
    private static final long MATRIX_BYTES = 160L << 20;

    private static final int READ_BLOCKS = 64;
    /// Rows that stay in the second-level cache in every format.
    private static final int CACHED_ROWS = 32;
    private static final int CACHED_CALLS = 200;
    private static final long WARM_UP_NANOS = 700_000_000L;
    private static final int WARM_UP_PASSES = 2;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// What was measured of one format.
    ///
    /// @param gigabytesPerSecond weight bytes, the median of the rounds
    /// @param weightsPerSecond in units of 10⁹
    /// @param bandwidthShare the median over the rounds of this format's bytes per second over those of the plain read
    /// @param cachedWeightsPerSecond the same as `weightsPerSecond` for a matrix that one thread has in its cache: what
    ///     the instructions allow
    /// @param allocatedBytes what all threads put on the heap for one product
    record Result(
            double gigabytesPerSecond,
            double weightsPerSecond,
            double bandwidthShare,
            double cachedWeightsPerSecond,
            double allocatedBytes) {}

    private BlockMatvec() {}

    public static void main(String[] arguments) throws IOException {
        boolean quick = List.of(arguments).contains("--quick");
        Map<String, Object> json = new LinkedHashMap<>();
        for (int threads : new int[] {1, 2}) {
            try (Workers workers = Workers.of(threads)) {
                Map<BlockFormat, Result> results = measure(workers, quick ? 5 : 15);
                System.out.println(Kernels.fastest().name() + ", " + threads + " threads");
                Map<String, Object> shares = new LinkedHashMap<>();
                results.forEach((format, result) -> {
                    System.out.printf(
                            "%-5s %6.1f GB/s  %6.1f G weights/s  %5.2f of the read bandwidth  "
                                    + "%6.1f G weights/s in the cache of one  %4.0f B allocated%n",
                            format,
                            result.gigabytesPerSecond,
                            result.weightsPerSecond,
                            result.bandwidthShare,
                            result.cachedWeightsPerSecond,
                            result.allocatedBytes);
                    shares.put(
                            format.name(),
                            Map.of(
                                    "gigabytesPerSecond", result.gigabytesPerSecond,
                                    "weightsPerSecond", result.weightsPerSecond,
                                    "bandwidthShare", result.bandwidthShare,
                                    "cachedWeightsPerSecond", result.cachedWeightsPerSecond,
                                    "allocatedBytes", result.allocatedBytes));
                });
                json.put(threads == 1 ? "oneThread" : "twoThreads", shares);
            }
        }
        System.out.println(JSON.std.asString(json));
    }

    /// All formats, each in `rounds` rounds after a warm-up of all.
    static Map<BlockFormat, Result> measure(Workers workers, int rounds) {
        warmUp();
        Map<BlockFormat, Result> results = new EnumMap<>(BlockFormat.class);
        for (BlockFormat format : BlockFormat.values()) {
            results.put(format, measure(workers, format, rounds));
        }
        return results;
    }

    /// Every format is compiled before the first is measured, as in a process that runs several models.
    private static void warmUp() {
        float[] x = random(COLUMNS);
        float[] y = new float[CACHED_ROWS];
        try (Arena arena = Arena.ofShared();
                Workers alone = Workers.of(1)) {
            for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
                for (BlockFormat format : BlockFormat.values()) {
                    MemorySegment weights = matrix(arena, format, CACHED_ROWS);
                    for (long began = System.nanoTime(); System.nanoTime() - began < WARM_UP_NANOS; ) {
                        product(alone, format, weights, CACHED_ROWS, x, y);
                        read(alone, weights);
                    }
                }
            }
        }
    }

    private static Result measure(Workers workers, BlockFormat format, int rounds) {
        long rowBytes = format.bytes(COLUMNS);
        int rows = Math.toIntExact(MATRIX_BYTES / rowBytes);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment weights = matrix(arena, format, rows);
            float[] x = random(COLUMNS);
            float[] y = new float[rows];
            double[] speeds = new double[rounds];
            double[] shares = new double[rounds];
            double[] cached = new double[rounds];
            long allocated = 0;
            for (int round = -2; round < rounds; round++) {
                double read = gigabytes(weights.byteSize(), () -> read(workers, weights));
                long before = THREADS.getTotalThreadAllocatedBytes();
                double product = gigabytes(weights.byteSize(), () -> product(workers, format, weights, rows, x, y));
                if (round >= 0) {
                    allocated += THREADS.getTotalThreadAllocatedBytes() - before;
                    speeds[round] = product;
                    shares[round] = product / read;
                    cached[round] = cachedWeights(format, weights, x, y);
                }
            }
            double speed = median(speeds);
            return new Result(
                    speed, speed * COLUMNS / rowBytes, median(shares), median(cached), allocated / (double) rounds);
        }
    }

    private static double cachedWeights(BlockFormat format, MemorySegment weights, float[] x, float[] y) {
        try (Workers alone = Workers.of(1)) {
            return gigabytes((long) CACHED_CALLS * CACHED_ROWS * COLUMNS, () -> {
                for (int call = 0; call < CACHED_CALLS; call++) {
                    product(alone, format, weights, CACHED_ROWS, x, y);
                }
            });
        }
    }

    private static void product(
            Workers workers, BlockFormat format, MemorySegment weights, int rows, float[] x, float[] y) {
        Kernels.fastest()
                .blocks()
                .product(workers, 1, rows, COLUMNS, x, 0, COLUMNS, format, weights, 0, y, 0, rows, Epilogue.ASSIGN);
    }

    private static double gigabytes(long bytes, Runnable task) {
        long began = System.nanoTime();
        task.run();
        return bytes / (double) (System.nanoTime() - began);
    }

    /// One encoded row over and over: what the numbers are does not matter, that they are finite does.
    private static MemorySegment matrix(Arena arena, BlockFormat format, int rows) {
        long rowBytes = format.bytes(COLUMNS);
        MemorySegment weights = arena.allocate(rows * rowBytes, 64);
        format.encode(random(COLUMNS), 0, weights, 0, COLUMNS);
        for (int row = 1; row < rows; row++) {
            MemorySegment.copy(weights, 0, weights, row * rowBytes, rowBytes);
        }
        return weights;
    }

    private static float[] random(int length) {
        Random random = new Random(7);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// Reads every byte and does next to nothing with it.
    private static void read(Workers workers, MemorySegment segment) {
        long part = segment.byteSize() / READ_BLOCKS / 256 * 256;
        AtomicLong total = new AtomicLong();
        workers.run(READ_BLOCKS, (block, scratch) -> total.addAndGet(xor(segment, block * part, part)));
        Objects.requireNonNull(total);
    }

    private static long xor(MemorySegment segment, long from, long bytes) {
        LongVector a = LongVector.zero(LONGS);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        int step = LONGS.vectorByteSize();
        for (long i = 0; i <= bytes - 4L * step; i += 4L * step) {
            a = a.lanewise(VectorOperators.XOR, at(segment, from + i));
            b = b.lanewise(VectorOperators.XOR, at(segment, from + i + step));
            c = c.lanewise(VectorOperators.XOR, at(segment, from + i + 2 * step));
            d = d.lanewise(VectorOperators.XOR, at(segment, from + i + 3 * step));
        }
        return a.lanewise(VectorOperators.XOR, b)
                .lanewise(VectorOperators.XOR, c.lanewise(VectorOperators.XOR, d))
                .reduceLanes(VectorOperators.XOR);
    }

    private static LongVector at(MemorySegment segment, long offset) {
        return LongVector.fromMemorySegment(LONGS, segment, offset, ByteOrder.LITTLE_ENDIAN);
    }
}
