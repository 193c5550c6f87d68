package io.localcodemodel.inference;

import io.localcodemodel.model.KvCache;
import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Runs a transformer for many sessions, one stretch of tokens at a time.
///
/// The lock is fair, so that sessions of several threads take turns by token, and a long prompt lets others through
/// after each chunk.
final class Turns implements AutoCloseable {
    private final Transformer transformer;
    private final Compute compute;
    private final Arena arena = new Arena();
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile boolean closed;

    Turns(Transformer transformer, Compute compute) {
        this.transformer = transformer;
        this.compute = compute;
    }

    /// Computes `tokens[from]` to `tokens[to - 1]`, which stand at the same positions of the sequence, and appends their
    /// keys and values to the cache.
    ///
    /// @param cache holds `from` tokens before and `to` tokens after
    /// @param logits receives the logits of the last token; null where they are not wanted
    /// @return false if the model was closed and nothing was done
    boolean run(int[] tokens, int from, int to, KvCache cache, float @Nullable [] logits) {
        turn.lock();
        try {
            if (closed) {
                return false;
            }
            TokenBatch batch = TokenBatch.single(Arrays.copyOfRange(tokens, from, to), from);
            try (Pass pass = Pass.inference(compute, arena)) {
                Var hidden = transformer.hidden(pass, batch, cache);
                if (logits != null) {
                    Tensor row = transformer
                            .logits(pass, hidden, new int[] {to - from - 1})
                            .value();
                    System.arraycopy(row.array(), row.offset(), logits, 0, logits.length);
                }
            }
            return true;
        } finally {
            turn.unlock();
        }
    }

    Compute compute() {
        return compute;
    }

    boolean closed() {
        return closed;
    }

    /// Waits for the stretch that is being computed, then ends the workers.
    @Override
    public void close() {
        turn.lock();
        try {
            closed = true;
            compute.close();
        } finally {
            turn.unlock();
        }
    }
}
