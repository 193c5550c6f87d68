package io.localcodemodel.tensor.kernel;

/// The calling thread alone.
final class InlineWorkers implements Workers {
    private final SpareScratch spare = new SpareScratch();
    private volatile boolean closed;

    @Override
    public int count() {
        return 1;
    }

    @Override
    public void run(int blocks, Block block) {
        BlockQueue.requireOpen(closed);
        spare.runInline(blocks, block);
    }

    @Override
    public Scratch borrow() {
        return spare.borrow();
    }

    @Override
    public void giveBack(Scratch scratch) {
        spare.giveBack(scratch);
    }

    @Override
    public long scratchBytes() {
        return spare.bytes();
    }

    @Override
    public void close() {
        closed = true;
    }
}
