package io.localcodemodel.tokenizer;

import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Counts the words of a corpus on several threads, each with a table of its own. Long texts are shared out in parts
/// where the splitter allows it.
final class WordCounter {

    private static final int PART = 1 << 19;

    private final @Nullable Normalizer normalizer;
    private final Splitter splitter;
    private final Iterator<String> texts;
    private final BooleanSupplier cancelled;
    private final LongConsumer progress;
    private final boolean parts;

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong charactersDone = new AtomicLong();
    private String current = "";
    private int position;

    WordCounter(
            @Nullable Normalizer normalizer,
            Splitter splitter,
            Iterable<String> texts,
            BooleanSupplier cancelled,
            LongConsumer progress) {
        this.normalizer = normalizer;
        this.splitter = splitter;
        this.texts = texts.iterator();
        this.cancelled = cancelled;
        this.progress = progress;
        this.parts = splitter.cutBeforeSpace() == Splitter.CutBeforeSpace.CHANGES_NOTHING
                && (normalizer == null || normalizer.cutsBeforeSpace());
    }

    WordCounts count(int workers) {
        WordCounts total = new WordCounts();
        Thread caller = Thread.currentThread();
        Threads.run(
                workers,
                () -> {
                    boolean isCaller = caller.equals(Thread.currentThread());
                    WordCounts counts = new WordCounts();
                    for (String text = next(); text != null && failure.get() == null; text = next()) {
                        countWords(text, counts);
                        long done = charactersDone.addAndGet(text.length());
                        if (isCaller) {
                            progress.accept(done);
                        }
                    }
                    synchronized (total) {
                        total.addAll(counts);
                    }
                },
                failure);
        progress.accept(charactersDone.get());
        return total;
    }

    private void countWords(String string, WordCounts counts) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("Training the tokenizer was cancelled while counting words");
        }
        Text source = Text.of(string);
        Text text = normalizer == null ? source : normalizer.normalize(source);
        splitter.split(text, 0, text.length(), counts);
    }

    /// Returns the next text or part of one, or null after the last.
    private synchronized @Nullable String next() {
        while (position >= current.length()) {
            if (!texts.hasNext()) {
                return null;
            }
            current = texts.next();
            position = 0;
        }
        int end = parts ? partEnd(current, position) : current.length();
        String part = position == 0 && end == current.length() ? current : current.substring(position, end);
        position = end;
        return part;
    }

    private static int partEnd(String text, int from) {
        for (int at = from + PART; at < text.length(); at++) {
            if (TextParts.mayCut(text.charAt(at - 1), text.charAt(at))) {
                return at;
            }
        }
        return text.length();
    }
}
