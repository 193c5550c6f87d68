package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A text that a model reads and continues, with the memory of what was computed of it.
///
/// The session's text grows by what is [appended][#append] and by what is generated. Each completion computes only what
/// is new since the last one. [#replace] exchanges the text, as an editor does after each keystroke, and keeps what was
/// computed of the common beginning.
///
/// ```java
/// try (Session session = code.session()) {
///     session.append("int sum(int[] values) {\n");
///     Completion body = session.complete(GenerationOptions.greedy(40));
///     session.append("\nint product(int[] values) {\n");
///     Completion second = session.complete(GenerationOptions.greedy(40));
/// }
/// ```
///
/// After a completion the session's text ends where [Completion#text()] ends: an end token or a stop string is not part
/// of it.
///
/// A session belongs to one thread at a time; many sessions of one model may be used at once. It holds memory for the
/// keys and values of its tokens until it is garbage collected, and no thread or file.
public final class Session implements AutoCloseable {
    private final CodeModel model;
    private final Framing framing;
    private final Context context;
    private final TokenList text = new TokenList();
    private final Sampler sampler;
    private @Nullable Generation open;
    private volatile boolean closed;

    Session(CodeModel model, Context context) {
        this.model = model;
        this.framing = model.framing();
        this.context = context;
        this.sampler = new Sampler(model.kernels(), model.tokenizer().vocabularySize());
        text.set(framing.begin());
    }

    /// Adds text at the end. Nothing is computed yet. Special tokens spelled in the text are text like any other.
    ///
    /// @throws IllegalStateException if the session is closed or a generation is open
    public Session append(String added) {
        requireFree();
        boolean first = text.length() == framing.begin().length;
        text.addAll(first ? framing.encode(added) : framing.encodeContinuation(added));
        return this;
    }

    /// Adds tokens at the end, as a chat template or another framing made them.
    ///
    /// @throws IllegalArgumentException if the tokenizer has no such token
    /// @throws IllegalStateException if the session is closed or a generation is open
    public Session appendTokens(int... ids) {
        requireFree();
        framing.requireKnown(ids);
        text.addAll(ids);
        return this;
    }

    /// Exchanges the whole text. What was computed of the beginning that the old and the new text share is used again.
    ///
    /// @throws IllegalStateException if the session is closed or a generation is open
    public Session replace(String replacement) {
        return replaceTokens(framing.prompt(replacement));
    }

    /// Exchanges the whole text for a conversation that the model is to answer; see the other `replaceChat`.
    public Session replaceChat(List<ChatMessage> messages) {
        return replaceChat(messages, ChatOptions.DEFAULTS);
    }

    /// Exchanges the whole text for a conversation, written down with the model's template. What was computed of the
    /// beginning that the old and the new text share is used again.
    ///
    /// @throws UnsupportedOperationException if the model came without a template
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException if the template refuses the conversation
    /// @throws IllegalStateException if the session is closed or a generation is open
    public Session replaceChat(List<ChatMessage> messages, ChatOptions options) {
        return replaceTokens(model.tokenizer().encodeChat(messages, options));
    }

    private Session replaceTokens(int[] ids) {
        requireFree();
        text.set(ids);
        return this;
    }

    /// Exchanges the whole text for a gap between two texts and fills it. What was computed of the beginning that the old and
    /// the new text share is used again: while somebody types before the gap, all but the end of what stands there.
    ///
    /// @throws UnsupportedOperationException if the model does not fill gaps; the message says why
    /// @throws IllegalArgumentException as [#complete]
    /// @throws IllegalStateException as [#complete]
    public Completion infill(String before, String after, GenerationOptions options) {
        try (Generation generation = streamInfill(before, after, options)) {
            return generation.completion();
        }
    }

    /// Exchanges the whole text for a gap between two texts and fills it piece by piece.
    ///
    /// @throws UnsupportedOperationException as [#infill]
    /// @throws IllegalArgumentException as [#complete]
    /// @throws IllegalStateException as [#complete]
    public Generation streamInfill(String before, String after, GenerationOptions options) {
        return streamInfill(before, after, InfillOptions.DEFAULTS, options);
    }

    /// As the other `infill`, with other files of the repository, or the text after the gap first.
    ///
    /// @throws UnsupportedOperationException also if the model is not shown repositories
    public Completion infill(String before, String after, InfillOptions shown, GenerationOptions options) {
        try (Generation generation = streamInfill(before, after, shown, options)) {
            return generation.completion();
        }
    }

    /// As the other `streamInfill`, with other files of the repository, or the text after the gap first.
    ///
    /// @throws UnsupportedOperationException also if the model is not shown repositories
    public Generation streamInfill(String before, String after, InfillOptions shown, GenerationOptions options) {
        GenerationOptions unslid = options.contextPolicy() == ContextPolicy.SLIDE
                ? options.toBuilder().contextPolicy(ContextPolicy.KEEP_LAST).build()
                : options;
        InfillFraming gap = model.infillFraming();
        InfillFraming.Prompt prompt = gap.prompt(before, after, shown, model.contextLength(), unslid);
        return replaceTokens(prompt.tokens()).stream(unslid, prompt.dropped());
    }

    /// The tokens of the session's text, a copy.
    public int[] tokens() {
        return text.toArray();
    }

    /// Continues the text. An interrupt of this thread, or closing the model meanwhile, ends the completion as
    /// [FinishReason.Cancelled]; what was written until then is in it.
    ///
    /// @throws IllegalArgumentException if the text does not fit into the context and the policy is to refuse that; if
    ///     there is no text and the tokenizer has no token to begin one with; if a stop token or a biased token does not
    ///     exist
    /// @throws IllegalStateException if the session or its model is closed or another generation is open
    public Completion complete(GenerationOptions options) {
        try (Generation generation = stream(options)) {
            return generation.completion();
        }
    }

    /// Continues the text piece by piece. Nothing is computed before the first pull. Until the generation has ended or is
    /// closed, the session takes nothing else.
    ///
    /// @throws IllegalArgumentException as [#complete]
    /// @throws IllegalStateException as [#complete]
    public Generation stream(GenerationOptions options) {
        return stream(options, 0);
    }

    /// @param leftOut how many tokens were dropped before this
    private Generation stream(GenerationOptions options, int leftOut) {
        requireFree();
        model.requireOpen();
        framing.requireKnown(options);
        OptionalInt opening = framing.opening();
        if (text.length() == 0 && opening.isPresent()) {
            text.add(opening.getAsInt());
        }
        if (text.length() == 0) {
            throw new IllegalArgumentException("there is no text to continue, and the tokenizer has no token to begin a"
                    + " text with: append some text first");
        }
        Healing healing = options.tokenHealing() ? Healing.of(model.tokenizer(), text) : Healing.none();
        int kept = text.length() - healing.removed().length;
        int capacity = model.contextLength();
        int beginning = text.startsWith(framing.begin()) ? framing.begin().length : 0;
        int dropped = 0;
        if (options.contextPolicy() != ContextPolicy.REFUSE) {
            dropped = Context.excess(kept, beginning, capacity, options.maximumTokens());
        } else if (kept > capacity) {
            throw new IllegalArgumentException("the prompt has " + kept
                    + " tokens, the model's context holds " + capacity
                    + ": shorten it, or choose ContextPolicy.KEEP_LAST");
        }
        text.cut(kept);
        int reused = context.show(text, beginning, dropped);
        Generation generation = new Generation(this, model, options, beginning, leftOut + dropped, reused, healing);
        open = generation;
        return generation;
    }

    private void requireFree() {
        if (closed) {
            throw new IllegalStateException("the session is closed: ask the model for a new one");
        }
        if (open != null && !open.finished()) {
            throw new IllegalStateException(
                    "a generation of this session is still open: read it to its end or close it first");
        }
    }

    /// Closes the session; a generation that is still open ends as cancelled. The second time it does nothing.
    @Override
    public void close() {
        closed = true;
        if (open != null) {
            open.cancel();
        }
    }

    @Override
    public String toString() {
        return "Session[" + text.length() + " tokens, " + context.cache().length() + " computed, context "
                + model.contextLength() + (closed ? ", closed]" : "]");
    }

    TokenList text() {
        return text;
    }

    Sampler sampler() {
        return sampler;
    }

    Context context() {
        return context;
    }
}
