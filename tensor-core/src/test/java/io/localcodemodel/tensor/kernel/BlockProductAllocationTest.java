package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @TempDir
    private Path folder;

    @Test
    void no_format_allocates_once_all_are_compiled() throws IOException {
        Map<BlockFormat, List<MemorySegment>> matrices = new EnumMap<>(BlockFormat.class);
        try (Arena arena = Arena.ofShared();
                Workers workers = Workers.of(1)) {
            for (BlockFormat format : BlockFormat.values()) {
                long size = format.bytes(ROWS * COLUMNS);
                matrices.put(format, List.of(arena.allocate(size, 64), mapped(format, size, arena)));
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

    private long perCall(Workers workers, BlockFormat format, List<MemorySegment> kinds) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int call = 0; call < CALLS; call++) {
            MemorySegment matrix = kinds.get(call % 2);
            Kernels.fastest()
                    .blocks()
                    .product(
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
