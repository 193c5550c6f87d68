package io.localcodemodel.tensor.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How a product is cut so that its parts stay in the caches. No choice here changes a result.
///
/// @param inner the most of the inner extent that is packed at a time
/// @param rows the most rows of A that a worker takes at a time
/// @param columns the most columns of B that are packed at a time, by all workers together, of the whole `inner`
record BlockSizes(int inner, int rows, int columns) {
    /// A system property that sets the three numbers, separated by commas.
    static final String PROPERTY = "localcodemodel.blockSizes";

    /// What is taken where the size of the second-level cache cannot be read.
    private static final int USUAL_CACHE = 512 << 10;

    static final BlockSizes CURRENT = current();

    BlockSizes {
        if (inner < 1 || rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    PROPERTY + ": expected three positive numbers, found " + inner + ", " + rows + ", " + columns);
        }
    }

    private static BlockSizes current() {
        String asked = System.getProperty(PROPERTY);
        if (asked == null) {
            return forCache(secondLevelCache());
        }
        String[] parts = asked.split(",", -1);
        try {
            return new BlockSizes(
                    Integer.parseInt(parts[0].strip()),
                    Integer.parseInt(parts[1].strip()),
                    Integer.parseInt(parts[2].strip()));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "system property " + PROPERTY + ": expected inner,rows,columns, found " + asked, e);
        }
    }

    /// The rows of A take half of the cache and leave the rest to what streams by: a strip of B and tiles of C.
    ///
    /// The inner extent of a block is long, so that beginning a tile and writing it back, some 200 cycles, are seldom
    /// paid. A strip of B then leaves the first-level cache between two tiles, which costs little: it is read in order.
    ///
    /// A panel of B takes 4 MiB: it comes back from the third-level cache for each block of rows, and is packed into the
    /// same memory as the one before it.
    static BlockSizes forCache(int bytes) {
        int inner = bytes >= 1 << 20 ? 1024 : 768;
        int units = bytes / 2 / Float.BYTES / inner / BlockedProduct.UNIT;
        return new BlockSizes(inner, Math.max(1, units) * BlockedProduct.UNIT, 1024);
    }

    /// The most columns at a time where the inner extent is cut into parts of `length`: a panel has as many elements as
    /// one of `inner` by `columns`.
    int columns(int length) {
        return (int) Math.min(Integer.MAX_VALUE, (long) inner * columns / length);
    }

    /// The size in bytes, as Linux tells it.
    private static int secondLevelCache() {
        Path file = Path.of("/sys/devices/system/cpu/cpu0/cache/index2/size");
        try {
            String size = Files.readString(file).strip();
            return size.endsWith("K") ? Integer.parseInt(size.substring(0, size.length() - 1)) << 10 : USUAL_CACHE;
        } catch (IOException | NumberFormatException | SecurityException e) {
            return USUAL_CACHE;
        }
    }

    /// Whether B is better read where it lies: where no more than two tiles of rows use it.
    static boolean leavesInPlace(int m) {
        return m <= 4 * Tiles.ROWS;
    }

    /// `extent` cut into as few parts as possible of at most `most`, all but the last of the same length, a multiple of
    /// `unit`.
    static int even(int extent, int most, int unit) {
        int parts = Math.max(1, Math.ceilDiv(extent, most));
        return Math.max(unit, Math.ceilDiv(Math.ceilDiv(extent, parts), unit) * unit);
    }
}
