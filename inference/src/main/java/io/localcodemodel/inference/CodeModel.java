package io.localcodemodel.inference;

import io.localcodemodel.model.MappedModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tokenizer.SpecialRole;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A model that completes code: a transformer, its tokenizer, and the threads that compute.
///
/// ```java
/// try (CodeModel code = CodeModel.load(Path.of("my-model"))) {
///     String prompt = "public static int gcd(int a, int b) {";
///     out.println(code.complete(prompt, GenerationOptions.greedy(64)).text());
/// }
/// ```
///
/// Immutable and shared: any number of threads may ask for completions at once. They take turns by token, so that all of
/// them advance; each gets the same text as if it were alone. Use a [Session] where a text is continued again and again.
///
/// A model folder holds `config.json`, `tokenizer.json`, `model.safetensors` and, if the model has defaults of its own,
/// `generation_config.json`: the files that models are published with. A `.gguf` file holds all of that in one; its
/// weights stay in the mapped file, quantised or not, until the model is closed.
public final class CodeModel implements AutoCloseable {
    /// Tokens a session has room for before its memory grows.
    private static final int FIRST_CAPACITY = 128;

    private final Transformer transformer;
    private final Tokenizer tokenizer;
    private final Framing framing;
    private final Optional<InfillFraming> infill;
    private final GenerationDefaults defaults;
    private final Set<Integer> ends;
    private final Turns turns;
    /// The files in which the weights lie, if they do.
    private final @Nullable MappedModel mapped;

    CodeModel(
            Transformer transformer,
            Tokenizer tokenizer,
            GenerationDefaults defaults,
            CodeModelBuilder settings,
            @Nullable MappedModel mapped) {
        this.transformer = transformer;
        this.tokenizer = tokenizer;
        this.framing = new Framing(tokenizer);
        this.infill = InfillFraming.of(tokenizer, framing);
        this.defaults = defaults;
        this.ends = ends(tokenizer, defaults, infill);
        this.mapped = mapped;
        this.turns = new Turns(transformer, settings.compute());
    }

    /// Reads a model folder, or opens a GGUF file, with the fastest kernels and as many workers as there are
    /// processors.
    ///
    /// A GGUF file (architecture llama; tensors in F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K, mixed as they come) is
    /// mapped, not read: it has to stay as it is until [#close], and its weights take no memory of this process beyond
    /// what the operating system keeps of the file. The tokenizer comes from its keys.
    ///
    /// @throws io.localcodemodel.model.ModelFormatException if there is no model, or its files are damaged or do not fit
    ///     each other
    /// @throws IOException if a file cannot be read
    public static CodeModel load(Path path) throws IOException {
        return builder().load(path);
    }

    /// A model from its parts, with the fastest kernels and as many workers as there are processors. The transformer is
    /// not copied: do not train it while completions run.
    ///
    /// @throws IllegalArgumentException if the tokenizer knows more tokens than the transformer
    public static CodeModel of(Transformer transformer, Tokenizer tokenizer) {
        return builder().of(transformer, tokenizer);
    }

    /// A builder for other kernels, another number of workers or threads that the application has already.
    public static CodeModelBuilder builder() {
        return new CodeModelBuilder();
    }

    /// Writes a folder for a new model, which is made if need be; other files in it stay. An interruption at any moment
    /// leaves the previous model or the new one, whole, for [#load] to read, which may happen meanwhile. One at a time may
    /// save into a folder.
    ///
    /// @throws IllegalArgumentException if the tokenizer knows more tokens than the transformer
    public static void save(Path folder, Transformer transformer, Tokenizer tokenizer) throws IOException {
        String misfit = misfit(transformer, tokenizer);
        if (misfit != null) {
            throw new IllegalArgumentException(misfit);
        }
        SavedModel.save(folder, transformer, tokenizer, GenerationDefaults.of(tokenizer));
    }

    /// Writes a whole model into one GGUF file, the matrices of the transformer in the given format: smaller, and faster to
    /// complete with, the fewer bits it has. [#load] opens it.
    ///
    /// @throws IllegalArgumentException if the tokenizer knows more tokens than the transformer, the file format has no
    ///     words for one of them, or rows of a matrix are no whole number of the format's blocks
    public static void save(Path file, Transformer transformer, Tokenizer tokenizer, BlockFormat format)
            throws IOException {
        String misfit = misfit(transformer, tokenizer);
        if (misfit != null) {
            throw new IllegalArgumentException(misfit);
        }
        GgufContents.save(file, transformer, tokenizer, format, GenerationDefaults.of(tokenizer));
    }

    /// Writes this model into a folder with all that it came with: end tokens and suggested options stay. After fine-tuning
    /// [#transformer()], this saves the tuned model. See the static `save` for what an interruption leaves.
    ///
    /// @throws IllegalStateException if the model is closed
    public void save(Path folder) throws IOException {
        requireOpen();
        SavedModel.save(folder, transformer, tokenizer, defaults);
    }

    /// Writes this model into one GGUF file with its end tokens. The format has no place for suggested options.
    ///
    /// @throws IllegalArgumentException as the static `save`
    /// @throws IllegalStateException if the model is closed
    public void save(Path file, BlockFormat format) throws IOException {
        requireOpen();
        GgufContents.save(file, transformer, tokenizer, format, defaults);
    }

    static @Nullable String misfit(Transformer transformer, Tokenizer tokenizer) {
        int known = tokenizer.vocabularySize();
        int rows = transformer.config().vocabularySize();
        return known <= rows
                ? null
                : "the tokenizer and the transformer do not belong together: the tokenizer has " + known
                        + " tokens, the transformer has a vocabulary of " + rows
                        + "; take the tokenizer that the transformer was trained with";
    }

    // ---------------------------------------------------------------- completing

    /// Continues a text. An interrupt of this thread, or [#close] meanwhile, ends the completion as
    /// [FinishReason.Cancelled]; what was written until then is in it. The same holds for [#infill] and [#chat].
    ///
    /// @param prompt the text, where special tokens are not recognised; may be empty if the tokenizer has a token to
    ///     begin a text with
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Completion complete(String prompt, GenerationOptions options) {
        try (Generation generation = stream(prompt, options)) {
            return generation.completion();
        }
    }

    /// Continues a text piece by piece, computed as it is pulled.
    ///
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Generation stream(String prompt, GenerationOptions options) {
        return session().replace(prompt).stream(options);
    }

    /// Writes what belongs between two texts; an editor that asks again after each keystroke keeps a [Session] and its
    /// [Session#infill]. Where the context is too short for both, a quarter of the room is the text
    /// after the gap, the rest the text before.
    ///
    /// @throws UnsupportedOperationException if the model does not fill gaps; the message says why
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Completion infill(String before, String after, GenerationOptions options) {
        try (Generation generation = streamInfill(before, after, options)) {
            return generation.completion();
        }
    }

    /// Writes what belongs between two texts, piece by piece.
    ///
    /// @throws UnsupportedOperationException as [#infill]
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Generation streamInfill(String before, String after, GenerationOptions options) {
        return session().streamInfill(before, after, options);
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
        return session().streamInfill(before, after, shown, options);
    }

    /// Whether the model fills gaps, so that [#infill] works: its tokenizer has the marks of a known family, and nothing says
    /// that the model was not trained with them.
    public boolean infills() {
        return infill.isPresent();
    }

    /// Answers a conversation, written down with the template that the model came with.
    ///
    /// ```java
    /// String answer = code.chat(List.of(ChatMessage.user("Write a loop.")), GenerationOptions.greedy(256)).text();
    /// ```
    ///
    /// Special tokens spelled in the conversation are text.
    ///
    /// @throws UnsupportedOperationException if the model came without a template
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException if the template refuses the conversation
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Completion chat(List<ChatMessage> messages, GenerationOptions options) {
        try (Generation generation = streamChat(messages, options)) {
            return generation.completion();
        }
    }

    /// Answers a conversation piece by piece; see the other `streamChat`.
    public Generation streamChat(List<ChatMessage> messages, GenerationOptions options) {
        return streamChat(messages, ChatOptions.DEFAULTS, options);
    }

    /// Answers a conversation piece by piece. Where a conversation goes on, [Session#replaceChat] uses again what was
    /// computed of it.
    ///
    /// @throws UnsupportedOperationException as [#chat]
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException as [#chat]
    /// @throws IllegalArgumentException as [Session#complete]
    /// @throws IllegalStateException if the model is closed
    public Generation streamChat(List<ChatMessage> messages, ChatOptions chat, GenerationOptions options) {
        return session().replaceChat(messages, chat).stream(options);
    }

    /// A session with an empty text.
    ///
    /// @throws IllegalStateException if the model is closed
    public Session session() {
        requireOpen();
        int capacity = Math.min(FIRST_CAPACITY, contextLength());
        return new Session(this, new Context(transformer.newCache(capacity), contextLength()));
    }

    // ---------------------------------------------------------------- what it is

    /// The options that the model folder suggests, with at most `maximumTokens` new tokens; greedy where it suggests none.
    public GenerationOptions suggestedOptions(int maximumTokens) {
        return defaults.options(maximumTokens);
    }

    /// The transformer.
    public Transformer transformer() {
        return transformer;
    }

    /// The tokenizer.
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /// The kernels that compute: those of the Vector API, or the slow ones of a process that was started without
    /// `--add-modules jdk.incubator.vector`.
    public Kernels kernels() {
        return turns.compute().kernels();
    }

    /// How many tokens the model sees at a time.
    public int contextLength() {
        return transformer.config().contextLength();
    }

    /// The ids of the tokens that end a text by what the model came with. The marks of gaps, files and repositories end a
    /// completion, too.
    public Set<Integer> endTokens() {
        return defaults.endTokens();
    }

    /// Ends the worker threads. Completions that are being written in other threads end as cancelled; new ones are
    /// refused. Lets go of the file that was mapped. The second time it does nothing.
    @Override
    public void close() {
        turns.close();
        if (mapped != null) {
            mapped.close();
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "CodeModel[%,d parameters%s, context %d, kernels %s, workers %d%s]",
                transformer.parameterCount(),
                mapped == null ? "" : " in " + mapped.path().getFileName(),
                contextLength(),
                kernels().name(),
                turns.compute().workers().count(),
                turns.closed() ? ", closed" : "");
    }

    void requireOpen() {
        if (turns.closed()) {
            throw new IllegalStateException("the model is closed: load it again");
        }
    }

    Turns turns() {
        return turns;
    }

    /// @throws UnsupportedOperationException if the model does not fill gaps
    InfillFraming infillFraming() {
        return infill.orElseThrow(() ->
                new UnsupportedOperationException("this model cannot infill: " + InfillFraming.missing(tokenizer)));
    }

    Framing framing() {
        return framing;
    }

    /// The tokens at which a text ends for its reader: a model that was trained on files side by side goes on with another
    /// file or gap after their marks.
    private static Set<Integer> ends(Tokenizer tokenizer, GenerationDefaults defaults, Optional<InfillFraming> infill) {
        Set<Integer> ends = new HashSet<>(defaults.endTokens());
        tokenizer.special(SpecialRole.FILE_SEPARATOR).ifPresent(ends::add);
        tokenizer.special(SpecialRole.REPOSITORY_NAME).ifPresent(ends::add);
        infill.ifPresent(gap -> ends.addAll(gap.ends()));
        return Set.copyOf(ends);
    }

    Set<Integer> ends(GenerationOptions options) {
        Set<Integer> chosen = new HashSet<>(options.stopTokens());
        if (options.stopsAtEndOfText()) {
            chosen.addAll(ends);
        }
        return chosen;
    }
}
