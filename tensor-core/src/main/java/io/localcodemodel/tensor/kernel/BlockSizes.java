package io.localcodemodel.tensor.kernel;

/// How a product is cut so that its parts stay in the caches. No choice here changes a result.
///
/// @param inner the most of the inner extent that is packed at a time
/// @param rows the most rows of A that a worker packs at a time
/// @param columns the most columns of B that are packed at a time, by all workers together
record BlockSizes(int inner, int rows, int columns) {
    static final BlockSizes CURRENT = new BlockSizes(
            Integer.getInteger("kc", 384), Integer.getInteger("mc", 192), Integer.getInteger("nc", 4096));
    /// Whether B is better read where it lies: where few rows use it, or where it is small.
    boolean leavesInPlace(int m, int innerLength, int stride) {
        int mode = Integer.getInteger("ip", 1);
        return m <= 2 * Tiles.ROWS || (mode == 2 && stride <= 2 * Tiles.COLUMNS) || (mode == 3 && stride <= 256);
    }

    /// `extent` cut into as few parts as possible of at most `most`, all but the last of the same length, a multiple of
    /// `unit`.
    static int even(int extent, int most, int unit) {
        int parts = Math.max(1, Math.ceilDiv(extent, most));
        return Math.max(unit, Math.ceilDiv(Math.ceilDiv(extent, parts), unit) * unit);
    }
}
