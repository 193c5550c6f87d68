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

    static List<int[]> encode(Encoder encoder, List<String> texts, EncodeOptions options, int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException("workers must be at least 1: " + workers);
        }
        int[][] encoded = new int[texts.size()][];
        long[] order = longestFirst(texts);
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Runnable work = () -> encoder.withBuffer(tokens -> {
            for (int i = next.getAndIncrement();
                    i < encoded.length && failure.get() == null;
                    i = next.getAndIncrement()) {
                int text = (int) order[i];
                encoded[text] = encoder.encode(Text.of(texts.get(text)), options, tokens);
            }
        });
        Threads.run(Math.min(workers, Math.max(1, texts.size())), work, failure);
        return new ArrayList<>(Arrays.asList(encoded));
    }

    /// The indexes of the texts, the longest first, so that no thread is left alone with a long one at the end.
    private static long[] longestFirst(List<String> texts) {
        long[] order = new long[texts.size()];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) (Integer.MAX_VALUE - texts.get(i).length()) << Integer.SIZE | i;
        }
        Arrays.sort(order);
        return order;
    }
}
