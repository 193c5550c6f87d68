package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A completion that is being written: text is computed when it is pulled.
///
/// ```java
/// try (Generation generation = code.stream(prompt, options)) {
///     generation.forEachRemaining(out::print);
///     out.println(generation.completion().finish());
/// }
/// ```
///
/// The pieces put together are exactly [Completion#text()]. A piece is never half a character and never the beginning
/// of a stop string. The first pull computes the prompt; [#onPrefill] hears how that goes.
///
/// One thread pulls; any thread may [#cancel()]. An interrupt of the pulling thread cancels, too, and stays set.
public final class Generation implements Iterator<String>, AutoCloseable {
    /// How many tokens of a prompt are computed at a time: enough rows for matrix products at full speed, few enough
    /// that cancelling, deadlines and other sessions need not wait long.
    static final int PREFILL_CHUNK = 256;

    /// Hears how the prompt is computed.
    @FunctionalInterface
    public interface PrefillListener {
        /// Called after each chunk of the prompt.
        ///
        /// @param computed how many tokens of the prompt are done, those used again included
        /// @param total how many there are
        void progress(int computed, int total);
    }

    private final Session session;
    private final Context context;
    private final Turns turns;
    private final Tokenizer tokenizer;
    private final Framing framing;
    private final GenerationOptions options;
    /// In nanoseconds from the first pull.
    private final long deadline;
    private final Set<Integer> ends;
    private final int beginning;
    /// Where the new tokens begin in the session's text; moves on while the end of the prompt is spelled anew.
    private int promptStart;
    private final int promptLength;
    private final int promptTokens;
    private final int reused;
    private int dropped;
    private final Healing healing;
    /// What of the prompt the first new tokens spell again.
    private String again = "";

    private final Sampler sampler;
    private final float[] logits;
    private final ShownText shown;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();
    private final TokenList generated = new TokenList();
    private final List<Float> logProbabilities = new ArrayList<>();

    private PrefillListener listener = (computed, total) -> {};
    private volatile boolean cancelled;
    private double logNormalizer;
    private volatile @Nullable FinishReason finish;
    private String ready = "";
    private long started;
    private long decoding;
    private long ended;

    Generation(
            Session session,
            CodeModel model,
            GenerationOptions options,
            int beginning,
            int dropped,
            int reused,
            Healing healing) {
        this.session = session;
        this.context = session.context();
        this.turns = model.turns();
        this.tokenizer = model.tokenizer();
        this.framing = model.framing();
        this.options = options;
        this.deadline = options.deadline().map(Generation::nanoseconds).orElse(Long.MAX_VALUE);
        this.ends = model.ends(options);
        this.beginning = beginning;
        this.promptLength = session.text().length();
        this.promptStart = promptLength;
        this.promptTokens = context.length();
        this.reused = reused;
        this.dropped = dropped;
        this.healing = healing;
        this.sampler = session.sampler();
        this.logits = sampler.logits();
        this.shown = ShownText.after(tokenizer, session.text().array(), promptLength);
        this.stops = new StopStrings(options.stopStrings());
    }

    /// At most what a long holds, 292 years.
    private static long nanoseconds(Duration time) {
        return time.toSeconds() >= Long.MAX_VALUE / 1_000_000_000 ? Long.MAX_VALUE : time.toNanos();
    }

    /// Tells a listener how the computing of the prompt goes; to be set before the first pull.
    ///
    /// @throws IllegalStateException if the first pull has happened
    public Generation onPrefill(PrefillListener hears) {
        if (started != 0) {
            throw new IllegalStateException("onPrefill comes before the first pull");
        }
        listener = hears;
        return this;
    }

    /// Whether there is another piece of text; computes until there is one or the completion ends.
    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && finish == null) {
            advance();
        }
        return !ready.isEmpty();
    }

    /// The next piece of text, at least one character.
    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the completion has ended: " + finish);
        }
        String piece = ready;
        ready = "";
        return piece;
    }

    /// The whole completion: computes what is left of it, whether its pieces were pulled or not. After a cancellation it
    /// is what there was until then.
    public Completion completion() {
        while (finish == null) {
            advance();
        }
        FinishReason reason = finish;
        return new Completion(
                text.toString(),
                Arrays.stream(generated.toArray()).boxed().toList(),
                reason == null ? new FinishReason.Cancelled() : reason,
                promptTokens,
                reused,
                dropped,
                logProbabilities,
                new Timing(Duration.ofNanos(decoding - started), Duration.ofNanos(ended - decoding)));
    }

    /// Ends the completion at the next token, or the next chunk of a long prompt, as [FinishReason.Cancelled]. May be
    /// called from any thread and does not wait.
    public void cancel() {
        cancelled = true;
    }

    /// Ends the completion as cancelled if it has not ended. Called by the thread that pulls.
    @Override
    public void close() {
        if (finish == null) {
            start();
            end(new FinishReason.Cancelled());
        }
    }

    boolean finished() {
        return finish != null;
    }

    // ---------------------------------------------------------------- prefill, decode one, sample, emit

    /// One step; a listener or a sampling step that throws ends the completion.
    private void advance() {
        try {
            step();
        } catch (RuntimeException | Error thrown) {
            if (finish == null) {
                end(new FinishReason.Cancelled());
            }
            throw thrown;
        }
    }

    private void step() {
        start();
        FinishReason early = interruption();
        if (early != null) {
            end(early);
            return;
        }
        if (!context.fits()) {
            if (options.contextPolicy() != ContextPolicy.SLIDE) {
                end(new FinishReason.ContextFull());
                return;
            }
            dropped += context.slide(beginning);
        }
        boolean last = context.pending() <= PREFILL_CHUNK;
        int from = context.cache().length();
        int to = last ? context.length() : from + PREFILL_CHUNK;
        if (!turns.run(context.array(), from, to, context.cache(), last ? logits : null)) {
            end(new FinishReason.Cancelled());
            return;
        }
        if (generated.length() == 0 && from < promptTokens) {
            listener.progress(to, promptTokens);
        }
        if (last) {
            if (generated.length() == 0 && from < promptTokens) {
                decoding = System.nanoTime();
            }
            // of the model's own distribution, before anything is excluded
            logNormalizer = options.logProbabilities() ? logNormalizer() : 0;
            healing.constrain(logits);
            take(sampler.next());
        }
    }

    private void start() {
        if (started == 0) {
            started = System.nanoTime();
            decoding = started;
            sampler.begin(options.sampling());
            int[] prompt = context.array();
            for (int i = 0; i < promptTokens; i++) {
                sampler.history().add(prompt[i]);
            }
        }
    }

    private @Nullable FinishReason interruption() {
        if (cancelled || Thread.currentThread().isInterrupted()) {
            return new FinishReason.Cancelled();
        }
        return System.nanoTime() - started > deadline ? new FinishReason.Deadline() : null;
    }

    private void take(int token) {
        if (ends.contains(token)) {
            end(new FinishReason.EndOfText(token));
            return;
        }
        float logProbability = (float) (logits[token] - logNormalizer);
        sampler.history().add(token);
        context.add(token);
        session.text().add(token);
        healing.take(token);
        if (!healing.done()) {
            // still the prompt, in other tokens
            healing.beyond(shown.add(token));
            promptStart++;
            return;
        }
        if (generated.length() == 0) {
            again = healing.text();
        }
        generated.add(token);
        if (options.logProbabilities()) {
            logProbabilities.add(logProbability);
        }
        emit(stops.add(healing.beyond(shown.add(token))));
        String stop = stops.found();
        if (stop != null) {
            end(new FinishReason.StopString(stop));
        } else if (generated.length() == options.maximumTokens()) {
            end(new FinishReason.Length());
        }
    }

    /// `log Σ e^logits`, which a logit is taken from to give a log probability.
    private double logNormalizer() {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum);
    }

    private void emit(String piece) {
        ready = ready.isEmpty() ? piece : ready + piece;
        text.append(piece);
    }

    private void end(FinishReason reason) {
        FinishReason why = reason;
        if (stops.found() == null) {
            if (healing.done()) {
                // else it holds bytes of the prompt
                emit(stops.add(shown.finish()));
            }
            emit(stops.finish());
            String stop = stops.found();
            why = stop == null ? reason : new FinishReason.StopString(stop);
        }
        if (!healing.done()) {
            session.text().cut(promptLength);
            session.text().addAll(healing.removed());
        }
        if (why instanceof FinishReason.StopString) {
            endSessionWithText();
        }
        ended = System.nanoTime();
        finish = why;
    }

    /// Takes the tokens of the stop string out of the session: the longest run of tokens that spells a beginning of the
    /// completion's text stays, and what is left of the text is encoded anew.
    private void endSessionWithText() {
        String kept = again + text;
        int count = generated.length();
        String spelled = spelled(count);
        while (!kept.startsWith(spelled)) {
            count--;
            spelled = spelled(count);
        }
        session.text().cut(promptStart + count);
        String rest = kept.substring(spelled.length());
        if (!rest.isEmpty()) {
            session.text().addAll(framing.encodeContinuation(rest));
        }
    }

    /// The text of the first `count` new tokens where they follow the prompt.
    private String spelled(int count) {
        if (count == 0) {
            return "";
        }
        ShownText reader = ShownText.after(tokenizer, session.text().array(), promptStart);
        StringBuilder spelled = new StringBuilder();
        for (int i = 0; i < count; i++) {
            spelled.append(reader.add(generated.get(i)));
        }
        return spelled.append(reader.finish()).toString();
    }
}
