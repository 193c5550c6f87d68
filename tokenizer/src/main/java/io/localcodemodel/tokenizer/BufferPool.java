package io.localcodemodel.tokenizer;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/// Buffers, with the word caches they carry, for whoever encodes next. Without locks; the one used last goes first,
/// since its cache is warm.
final class BufferPool {

    private static final int KEEP_TOKENS = 1 << 16;

    private final ConcurrentLinkedDeque<TokenBuffer> free = new ConcurrentLinkedDeque<>();
    private final AtomicInteger count = new AtomicInteger();
    private final int most = 2 * Runtime.getRuntime().availableProcessors();

    TokenBuffer take() {
        TokenBuffer buffer = free.pollFirst();
        if (buffer == null) {
            return new TokenBuffer();
        }
        count.decrementAndGet();
        return buffer;
    }

    void giveBack(TokenBuffer buffer) {
        buffer.trim(KEEP_TOKENS);
        if (count.incrementAndGet() <= most) {
            free.addFirst(buffer);
        } else {
            count.decrementAndGet();
        }
    }
}
