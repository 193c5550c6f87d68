package io.localcodemodel.tensor;

import io.localcodemodel.tensor.kernel.BfloatKernels;
import io.localcodemodel.tensor.kernel.Workers;

/// The kernels over pairs of bfloat16 on whole tensors, shared by the workers. Every number is computed by itself, so the
/// cut into blocks changes nothing.
final class PairedSpans {
    /// Words in a block: with the two floats of each, within a second-level cache.
    private static final int BLOCK = 1 << 14;

    private PairedSpans() {}

    /// How many words so many numbers take.
    static int words(int numbers) {
        return Math.ceilDiv(numbers, 2);
    }

    /// Rounds the numbers of a tensor to pairs, which may lie where the tensor begins: a block of pairs takes the place of
    /// numbers that no other block reads.
    static void round(BfloatKernels kernels, Workers workers, Tensor from, Tensor words) {
        int half = words.size();
        int seconds = from.size() - half;
        float[] x = from.array();
        float[] pairs = words.array();
        workers.run(Math.ceilDiv(half, BLOCK), (block, scratch) -> {
            int first = block * BLOCK;
            int length = Math.min(BLOCK, seconds - first);
            int at = from.offset() + first;
            if (length > 0) {
                kernels.roundPairs(x, at, x, at + half, pairs, words.offset() + first, length);
            }
            if (length < BLOCK && seconds < half) {
                // An odd number of numbers: the last first one has no second.
                int last = from.offset() + half - 1;
                kernels.roundPairs(x, last, x, last, pairs, words.offset() + half - 1, 1);
            }
        });
    }

    static void widen(BfloatKernels kernels, Workers workers, Tensor words, Tensor to) {
        int half = words.size();
        int seconds = to.size() - half;
        float[] pairs = words.array();
        float[] out = to.array();
        workers.run(Math.ceilDiv(half, BLOCK), (block, scratch) -> {
            int first = block * BLOCK;
            int at = words.offset() + first;
            kernels.widenFirst(pairs, at, out, to.offset() + first, Math.min(BLOCK, half - first));
            kernels.widenSecond(pairs, at, out, to.offset() + half + first, Math.min(BLOCK, seconds - first));
        });
    }

    /// Splits the numbers of a tensor of even size in place, or joins them.
    static void split(BfloatKernels kernels, Workers workers, Tensor tensor, boolean join) {
        int half = tensor.size() / 2;
        float[] x = tensor.array();
        workers.run(Math.ceilDiv(half, BLOCK), (block, scratch) -> {
            int first = tensor.offset() + block * BLOCK;
            int length = Math.min(BLOCK, half - block * BLOCK);
            if (join) {
                kernels.join(x, first, x, first + half, length);
            } else {
                kernels.split(x, first, x, first + half, length);
            }
        });
    }
}
