package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Encodes many texts on threads that live as long as the call.
final class BatchEncoder {

    private BatchEncoder() {}

    static List<int[]> encode(Tokenizer tokenizer, List<String> texts, EncodeOptions options, int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be at least 1: " + workers);
        }
        int[][] encoded = new int[texts.size()][];
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Runnable work = () -> {
            for (int i = next.getAndIncrement();
                    i < encoded.length && failure.get() == null;
                    i = next.getAndIncrement()) {
                encoded[i] = tokenizer.encode(texts.get(i), options);
            }
        };
        Threads.run(Math.min(workers, Math.max(1, texts.size())), work, failure);
        return new ArrayList<>(Arrays.asList(encoded));
    }
}
