package io.localcodemodel.benchmarks;

import io.localcodemodel.tokenizer.EncodeOptions;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// How much faster two threads encode than one, and how much faster they could: two threads of which each has a tokenizer
/// and half of the texts of its own share nothing but the machine.
///
/// A round times all three one after the other and gives two ratios, so that what disturbs the machine for longer than a
/// round disturbs all.
final class TokenizerScaling {

    private final Tokenizer tokenizer;
    private final Tokenizer twin;
    private final List<String> texts;
    private final List<String> even = new ArrayList<>();
    private final List<String> odd = new ArrayList<>();
    private final List<Double> gains = new ArrayList<>();
    private final List<Double> machineGains = new ArrayList<>();

    /// @param twin the same tokenizer, loaded again
    TokenizerScaling(Tokenizer tokenizer, Tokenizer twin, List<String> texts) {
        this.tokenizer = tokenizer;
        this.twin = twin;
        this.texts = texts;
        List<String> bySize = new ArrayList<>(texts);
        bySize.sort((a, b) -> Integer.compare(b.length(), a.length()));
        for (int i = 0; i < bySize.size(); i++) {
            // a, b, b, a: halves of one size
            (i % 4 == 0 || i % 4 == 3 ? even : odd).add(bySize.get(i));
        }
    }

    void round() {
        double one = seconds(() -> tokenizer.encodeBatch(texts, EncodeOptions.TEXT, 1));
        double two = seconds(() -> tokenizer.encodeBatch(texts, EncodeOptions.TEXT, 2));
        double apart = seconds(this::apart);
        gains.add(one / two);
        machineGains.add(one / apart);
    }

    private void apart() {
        Thread other = Thread.ofPlatform().start(() -> twin.encodeBatch(odd, EncodeOptions.TEXT, 1));
        tokenizer.encodeBatch(even, EncodeOptions.TEXT, 1);
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /// How many times faster two threads of one tokenizer were in the median round.
    double median() {
        return median(gains);
    }

    /// The same of two threads with a tokenizer each.
    double machineMedian() {
        return median(machineGains);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
