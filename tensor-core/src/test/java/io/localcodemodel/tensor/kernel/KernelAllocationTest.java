package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A vector that becomes an object on the heap is how a loop that the compiler failed to see through shows: it is then
/// 5 to 50 times slower. Whether it happens depends on what was compiled before, so all kernels run in one process.
class KernelAllocationTest {
    private static final int LENGTH = 512;
    private static final int ROWS = 64;
    /// A vector takes at least 32 bytes, and every kernel here handles at least 32 vectors.
    private static final int MOST_BYTES = 32 * 32;

    private static final int CALLS = 100;
    /// Enough for the compiler to take note of each of 32 vectors.
    private static final int ALONE = 3000;

    private static final int MOST_ATTEMPTS = 600;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Kernels kernels = Kernels.fastest();
    private final Map<String, Runnable> calls = new LinkedHashMap<>();

    @TempDir
    private Path folder;

    @Test
    void no_kernel_allocates_once_all_are_compiled() throws IOException {
        try (Arena arena = Arena.ofShared();
                Workers workers = Workers.of(1)) {
            products(workers);
            activatedProducts(workers);
            KernelCases.all().forEach(this::span);
            bfloat(workers);
            for (BlockFormat format : BlockFormat.values()) {
                blocks(workers, format, arena);
            }
            calls.values().forEach(KernelAllocationTest::compile);
            Map<String, Long> allocating = Map.of();
            for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
                allocating = calls.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, call -> perCall(call.getValue())));
                allocating.values().removeIf(bytes -> bytes < MOST_BYTES);
                if (allocating.isEmpty()) {
                    break;
                }
            }
            assertThat(allocating).as("bytes that a call allocates").isEmpty();
        }
    }

    /// One kernel after another, as in an application: each is compiled while profiles know only those before it.
    private static void compile(Runnable call) {
        for (int i = 0; i < ALONE; i++) {
            call.run();
        }
    }

    private static long perCall(Runnable call) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
    }

    private void span(KernelCase each) {
        float[][] arrays = new float[each.spans.size()][];
        for (int s = 0; s < arrays.length; s++) {
            KernelCase.Span span = each.spans.get(s);
            arrays[s] = random(span.length().applyAsInt(LENGTH), span.low(), span.high());
        }
        int[] offsets = new int[arrays.length];
        calls.put(each.toString(), () -> each.call.run(kernels, arrays, offsets, LENGTH));
    }

    private void products(Workers workers) {
        float[] a = random(ROWS * ROWS, -1, 1);
        float[] c = new float[ROWS * ROWS];
        for (Layout layout : Layout.values()) {
            for (int m : new int[] {1, 4, 13, ROWS}) {
                calls.put(
                        "matmul " + layout + " of " + m,
                        () -> kernels.matmul(
                                workers,
                                layout,
                                m,
                                ROWS,
                                ROWS,
                                a,
                                0,
                                ROWS,
                                a,
                                0,
                                ROWS,
                                c,
                                0,
                                ROWS,
                                Epilogue.ACCUMULATE));
            }
        }
    }

    private void activatedProducts(Workers workers) {
        float[] a = random(ROWS * ROWS, -1, 1);
        float[] c = new float[ROWS * ROWS];
        float[] activated = new float[ROWS * ROWS];
        for (Activation activation : Activation.values()) {
            Epilogue epilogue =
                    new Epilogue(false, a, 0, null, 0, 0, new Epilogue.Activated(activation, activated, 0, ROWS));
            calls.put(
                    "matmul activated by " + activation,
                    () -> kernels.matmul(
                            workers, Layout.NT, ROWS, ROWS, ROWS, a, 0, ROWS, a, 0, ROWS, c, 0, ROWS, epilogue));
        }
    }

    private void bfloat(Workers workers) {
        BfloatKernels bfloat = kernels.bfloat();
        float[] a = random(LENGTH, -1, 1);
        float[] b = random(LENGTH, -1, 1);
        float[] pairs = new float[LENGTH];
        float[] c = new float[LENGTH];
        calls.put("roundPairs", () -> bfloat.roundPairs(a, 0, b, 0, pairs, 0, LENGTH));
        calls.put("widenFirst", () -> bfloat.widenFirst(pairs, 0, c, 0, LENGTH));
        calls.put("widenSecond", () -> bfloat.widenSecond(pairs, 0, c, 0, LENGTH));
        calls.put("split and join", () -> {
            bfloat.split(a, 0, b, 0, LENGTH);
            bfloat.join(a, 0, b, 0, LENGTH);
        });
        AdamWStep step = new AdamWStep(1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, 1, 1);
        float[] v = random(LENGTH, 0, 1);
        calls.put(
                "adamW of split weights", () -> bfloat.adamW(pairs, 0, a, 0, b, 0, v, 0, LENGTH / 2, LENGTH / 2, step));
        for (Layout layout : new Layout[] {Layout.NN, Layout.NT}) {
            calls.put(
                    "bfloat product " + layout,
                    () -> bfloat.product(workers, layout, 8, 16, 16, a, 0, 16, pairs, 0, c, 0, 16, Epilogue.ASSIGN));
        }
    }

    private void blocks(Workers workers, BlockFormat format, Arena arena) throws IOException {
        float[] x = random(LENGTH, -1, 1);
        float[] y = new float[ROWS];
        float[] decoded = new float[LENGTH];
        long bytes = format.bytes(ROWS * LENGTH);
        MemorySegment[] kinds = {arena.allocate(bytes, 64), mapped(format, bytes, arena)};
        for (MemorySegment weights : kinds) {
            format.encode(random(ROWS * LENGTH, -1, 1), 0, weights, 0, ROWS * LENGTH);
        }
        calls.put(format + " x vector", () -> {
            for (MemorySegment weights : kinds) {
                kernels.blocks()
                        .product(
                                workers,
                                1,
                                ROWS,
                                LENGTH,
                                x,
                                0,
                                LENGTH,
                                format,
                                weights,
                                0,
                                y,
                                0,
                                ROWS,
                                Epilogue.ASSIGN);
            }
        });
        calls.put(format + " decoded", () -> {
            for (MemorySegment weights : kinds) {
                kernels.blocks().decode(format, weights, 0, decoded, 0, LENGTH);
            }
        });
    }

    /// Memory of a file is of another class than memory of the process, and models lie in files.
    private MemorySegment mapped(BlockFormat format, long bytes, Arena arena) throws IOException {
        try (FileChannel file = FileChannel.open(
                folder.resolve(format.name()),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    private static float[] random(int length, float low, float high) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = low + (high - low) * Randomness.uniform(3, i);
        }
        return values;
    }
}
