package io.localcodemodel.benchmarks;

import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
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
/// memory: each format in turn, next to a plain read of the same bytes, round by round.
///
/// `benchmarks/run BlockMatvec [--quick]`; `BENCHMARK_JAVA_OPTIONS=-XX:UseAVX=2` shows a processor without AVX-512.
final class BlockMatvec {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int COLUMNS = 4096;
    /// Far more than any cache holds.
    private static final long MATRIX_BYTES = 160L << 20;

    private static final int READ_BLOCKS = 64;
    private static final long WARM_UP_NANOS = 5_000_000_000L;

    /// What was measured of one format.
    ///
    /// @param gigabytesPerSecond weight bytes, the median of the rounds
    /// @param weightsPerSecond in units of 10⁹
    /// @param bandwidthShare the median over the rounds of this format's bytes per second over those of the plain read
    record Result(double gigabytesPerSecond, double weightsPerSecond, double bandwidthShare) {}

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
                            "%-5s %6.1f GB/s  %6.1f G weights/s  %5.2f of the read bandwidth%n",
                            format, result.gigabytesPerSecond, result.weightsPerSecond, result.bandwidthShare);
                    shares.put(
                            format.name(),
                            Map.of(
                                    "gigabytesPerSecond", result.gigabytesPerSecond,
                                    "weightsPerSecond", result.weightsPerSecond,
                                    "bandwidthShare", result.bandwidthShare));
                });
                json.put(threads == 1 ? "oneThread" : "twoThreads", shares);
            }
        }
        System.out.println(JSON.std.asString(json));
    }

    /// All formats, each in `rounds` rounds after a warm-up.
    static Map<BlockFormat, Result> measure(Workers workers, int rounds) {
        Map<BlockFormat, Result> results = new EnumMap<>(BlockFormat.class);
        for (BlockFormat format : BlockFormat.values()) {
            results.put(format, measure(workers, format, rounds));
        }
        return results;
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
            // Compiled before it is measured, on as many rows as the caches hold.
            int few = Math.min(rows, 64);
            for (long began = System.nanoTime(); System.nanoTime() - began < WARM_UP_NANOS; ) {
                product(workers, format, weights, few, x, y);
            }
            for (int round = -2; round < rounds; round++) {
                double read = gigabytes(weights.byteSize(), () -> read(workers, weights));
                double product = gigabytes(weights.byteSize(), () -> product(workers, format, weights, rows, x, y));
                if (round >= 0) {
                    speeds[round] = product;
                    shares[round] = product / read;
                }
            }
            double speed = median(speeds);
            return new Result(speed, speed * COLUMNS / rowBytes, median(shares));
        }
    }

    private static void product(
            Workers workers, BlockFormat format, MemorySegment weights, int rows, float[] x, float[] y) {
        Kernels.fastest()
                .blockProduct(
                        workers, 1, rows, COLUMNS, x, 0, COLUMNS, format, weights, 0, y, 0, rows, Epilogue.ASSIGN);
    }

    private static double gigabytes(long bytes, Runnable task) {
        long began = System.nanoTime();
        task.run();
        return bytes / (double) (System.nanoTime() - began);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
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
