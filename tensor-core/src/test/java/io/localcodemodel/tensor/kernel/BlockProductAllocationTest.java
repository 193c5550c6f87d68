package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A vector that becomes an object on the heap is how a loop that the compiler failed to see through shows: it is then
/// 20 to 50 times slower. Whether it happens depends on what has been compiled before, so all formats run in one process.
class BlockProductAllocationTest {
    private static final int ROWS = 64;
    private static final int COLUMNS = 512;
    /// A row would allocate a vector, at least 32 bytes.
    private static final int MOST_BYTES = 16 * ROWS;

    private static final int CALLS = 100;
    private static final int MOST_ATTEMPTS = 600;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final float[] input = new float[COLUMNS];
    private final float[] output = new float[ROWS];

    @Test
    void no_format_allocates_once_all_are_compiled() {
        Map<BlockFormat, MemorySegment> matrices = new EnumMap<>(BlockFormat.class);
        try (Arena arena = Arena.ofShared();
                Workers workers = Workers.of(1)) {
            for (BlockFormat format : BlockFormat.values()) {
                matrices.put(format, arena.allocate(format.bytes(ROWS * COLUMNS), 64));
            }
            Map<BlockFormat, Long> bytes = new EnumMap<>(BlockFormat.class);
            for (int attempt = 0; attempt < MOST_ATTEMPTS && !quiet(bytes); attempt++) {
                matrices.forEach((format, matrix) -> bytes.put(format, perCall(workers, format, matrix)));
            }
            assertThat(bytes)
                    .allSatisfy((format, perCall) -> assertThat(perCall)
                            .as("bytes that a product in %s allocates", format)
                            .isLessThan(MOST_BYTES));
        }
    }

    private static boolean quiet(Map<BlockFormat, Long> bytes) {
        return !bytes.isEmpty() && bytes.values().stream().allMatch(each -> each < MOST_BYTES);
    }

    private long perCall(Workers workers, BlockFormat format, MemorySegment matrix) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int call = 0; call < CALLS; call++) {
            Kernels.fastest()
                    .blockProduct(
                            workers,
                            1,
                            ROWS,
                            COLUMNS,
                            input,
                            0,
                            COLUMNS,
                            format,
                            matrix,
                            0,
                            output,
                            0,
                            ROWS,
                            Epilogue.ASSIGN);
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
    }
}
