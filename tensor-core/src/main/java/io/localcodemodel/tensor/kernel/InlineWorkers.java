package io.localcodemodel.tensor.kernel;

/// The calling thread alone.
final class InlineWorkers implements Workers {
    private final Scratch scratch = new Scratch();

    InlineWorkers(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("workers: expected at least 1, found " + count);
        }
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public void run(int blocks, Block block) {
        for (int i = 0; i < blocks; i++) {
            block.run(i, scratch);
        }
    }

    @Override
    public void close() {}
}
