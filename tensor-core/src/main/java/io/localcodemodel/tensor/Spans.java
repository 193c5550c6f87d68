package io.localcodemodel.tensor;

/// Sums of whole tensors, shared by the workers.
final class Spans {
    /// Elements per block.
    private static final int BLOCK = 1 << 14;

    private Spans() {}

    /// `to += from`, or `to = from`.
    static void add(Pass pass, Tensor from, Tensor to, boolean assign) {
        float[] source = from.array();
        float[] target = to.array();
        pass.workers().run(Math.ceilDiv(to.size(), BLOCK), (block, scratch) -> {
            int first = block * BLOCK;
            int length = Math.min(BLOCK, to.size() - first);
            int in = from.offset() + first;
            int out = to.offset() + first;
            if (assign) {
                System.arraycopy(source, in, target, out, length);
            } else {
                pass.kernels().add(target, out, source, in, target, out, length);
            }
        });
    }
}
