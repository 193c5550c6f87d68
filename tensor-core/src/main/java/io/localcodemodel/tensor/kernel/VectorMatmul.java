package io.localcodemodel.tensor.kernel;

/// The state of one matrix product at a time, kept in a [Scratch] and used again for the next, so that a product
/// allocates nothing.
final class VectorMatmul {
    private final Operands operands = new Operands();
    private final BlockedProduct blocked = new BlockedProduct(operands);
    private final DotProduct dots = new DotProduct(operands);

    private VectorMatmul() {}

    static VectorMatmul of(Scratch scratch) {
        return scratch.kept(VectorMatmul.class, VectorMatmul::new);
    }

    Operands operands() {
        return operands;
    }

    /// Computes the product of the operands on all workers; `scratch` is the one that holds this state.
    void run(Workers workers, Scratch scratch) {
        try {
            if (operands.isEmpty()) {
                return;
            }
            if (byDots()) {
                dots.run(workers);
            } else {
                blocked.run(workers, scratch);
            }
        } finally {
            operands.clear();
        }
    }

    /// Computes the product of the operands on the calling worker.
    void run(Scratch scratch) {
        try {
            if (operands.isEmpty()) {
                return;
            }
            if (byDots()) {
                dots.run(scratch);
            } else {
                blocked.run(null, scratch);
            }
        } finally {
            operands.clear();
        }
    }

    private boolean byDots() {
        return operands.layout == Layout.NT && operands.m <= DotProduct.MOST_ROWS && operands.pairWords == 0;
    }
}
