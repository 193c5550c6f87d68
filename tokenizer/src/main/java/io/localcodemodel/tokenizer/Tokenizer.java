package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Turns text into the numbers a model works on, and back.
///
/// ```java
/// Tokenizer tokenizer = Tokenizer.load(Path.of("my-model"));
/// int[] ids = tokenizer.encode("int x = 1;");
/// String text = tokenizer.decode(ids);
/// ```
///
/// A tokenizer is a pipeline of stages: added tokens are found in the text, what is between them is rewritten by a
/// [Normalizer], cut into words by a [Splitter], spelled by a [TokenModel] and framed by a [PostProcessor]; a
/// [Decoder] goes the way back. It is read from and written to `tokenizer.json`, the file of the Hugging Face
/// library.
///
/// Immutable; any number of threads may use one at a time.
public final class Tokenizer {

    private final Pipeline pipeline;
    private final @Nullable PostProcessor postProcessor;
    private final @Nullable Decoder decoder;
    private final List<AddedToken> addedTokens;
    private final Map<String, Object> keptSections;

    private final int vocabularySize;
    private final Map<Integer, AddedToken> addedById = new HashMap<>();
    private final Map<String, AddedToken> addedByContent = new HashMap<>();
    private final Map<SpecialRole, Integer> roles;
    private final DecodedTokens decoded;
    private final TokenizerConfig config;
    private final Optional<InfillFormat> infillFormat;
    private final Continuation continuation;
    private final BufferPool buffers = new BufferPool();
    private volatile @Nullable TokenPrefixes prefixes;

    private Tokenizer(Builder builder) {
        TokenModel model = Objects.requireNonNull(builder.model);
        this.addedTokens = List.copyOf(builder.addedTokens);
        this.keptSections = Map.copyOf(builder.keptSections);
        this.pipeline = new Pipeline(builder.normalizer, builder.splitter, model, addedTokens);
        this.postProcessor = builder.postProcessor;
        this.decoder = builder.decoder;
        int size = model.vocabularySize();
        for (AddedToken token : addedTokens) {
            addedById.put(token.id(), token);
            addedByContent.put(token.content(), token);
            size = Math.max(size, token.id() + 1);
        }
        this.vocabularySize = size;
        this.config = builder.config;
        this.roles = findRoles();
        this.decoded = new DecodedTokens(size, decoder, this::token, addedById::containsKey);
        this.infillFormat = InfillFormat.of(this);
        this.continuation = new Continuation(this);
    }

    /// The same tokenizer, of which something else is known.
    private Tokenizer(Tokenizer other, TokenizerConfig config) {
        this.addedTokens = other.addedTokens;
        this.keptSections = other.keptSections;
        this.pipeline = other.pipeline;
        this.decoder = other.decoder;
        this.addedById.putAll(other.addedById);
        this.addedByContent.putAll(other.addedByContent);
        this.vocabularySize = other.vocabularySize;
        this.decoded = other.decoded;
        this.config = config;
        this.roles = findRoles();
        this.postProcessor = TokenizerConfigFiles.framing(this, config).orElse(other.postProcessor);
        this.infillFormat = InfillFormat.of(this);
        this.continuation = new Continuation(this);
    }

    private Map<SpecialRole, Integer> findRoles() {
        Map<SpecialRole, Integer> found = new EnumMap<>(SpecialRole.class);
        config.roles().forEach((role, token) -> id(token).ifPresent(id -> found.put(role, id)));
        for (SpecialRole role : SpecialRole.values()) {
            if (found.containsKey(role)) {
                continue;
            }
            for (String name : role.names()) {
                OptionalInt id = id(name);
                if (id.isPresent()) {
                    found.put(role, id.getAsInt());
                    break;
                }
            }
        }
        return found;
    }

    /// Reads a tokenizer, given its file or the folder that holds it.
    ///
    /// In a folder, `tokenizer.json` is read, or else `vocab.json` with `merges.txt`, `tokenizer.model` or
    /// `tokenizer.bin`, and what `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` say about it.
    /// A file is read by the end of its name: `.json`, `.tiktoken`, `.model` (SentencePiece), `.bin` (llama2.c).
    ///
    /// @throws TokenizerFormatException if the file cannot be understood
    /// @throws IOException if the file cannot be read
    public static Tokenizer load(Path path) throws IOException {
        return TokenizerFiles.read(path);
    }

    /// Writes `tokenizer.json` and `tokenizer_config.json` into a folder (made if it is not there), or the former alone to a
    /// file whose name ends in `.json`.
    ///
    /// Each file is written beside its place, forced to disk, and then moved there: whoever reads meanwhile, or after a
    /// crash, finds the old file or the new one.
    ///
    /// @throws IOException if the file cannot be written
    /// @throws UnsupportedOperationException if a stage has no form in that file
    public void save(Path path) throws IOException {
        TokenizerJson.write(this, path);
    }

    /// Begins a tokenizer made of given stages.
    public static Builder builder() {
        return new Builder();
    }

    /// Encodes a text that is only text: special tokens spelled in it are not recognised, and nothing is added.
    public int[] encode(String text) {
        return encode(text, EncodeOptions.TEXT);
    }

    /// Encodes a text.
    public int[] encode(String text, EncodeOptions options) {
        return encode(Text.of(text), options);
    }

    /// Encodes a text given as UTF-8; malformed sequences are read as U+FFFD.
    public int[] encode(byte[] utf8, EncodeOptions options) {
        return encode(Text.ofUtf8(utf8, utf8.length), options);
    }

    private int[] encode(Text text, EncodeOptions options) {
        TokenBuffer tokens = buffers.take();
        int[] ids = encode(text, options, tokens);
        buffers.giveBack(tokens);
        return ids;
    }

    /// Gives a thread that encodes many texts one buffer for all of them: its cache of words stays in the caches of one
    /// core.
    void withBuffer(Consumer<TokenBuffer> work) {
        TokenBuffer tokens = buffers.take();
        work.accept(tokens);
        buffers.giveBack(tokens);
    }

    /// Encodes a text with a given buffer.
    int[] encode(Text text, EncodeOptions options, TokenBuffer tokens) {
        tokens.reset(false);
        pipeline.encode(text, options, tokens);
        int[] ids = tokens.ids();
        return options.frame() && postProcessor != null
                ? postProcessor.frame(Encoding.withoutPlaces(ids), null).ids()
                : ids;
    }

    /// Encodes a text that follows other text: where the vocabulary puts a space before the first word of a text, it puts
    /// none.
    public int[] encodeContinuation(String text) {
        return continuation.encode(text);
    }

    /// Writes a conversation down with the model's template.
    ///
    /// @throws UnsupportedOperationException if the model came without a template
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException if the template cannot be read or refuses the
    ///     conversation
    public ChatPrompt chatPrompt(List<ChatMessage> messages, ChatOptions options) {
        return config.chatTemplate(!options.tools().isEmpty())
                .orElseThrow(
                        () -> new UnsupportedOperationException("this tokenizer has no chat template: its model was"
                                + " not trained for conversations, or " + TokenizerConfigFiles.FILE
                                + " is missing. Set one with"
                                + " withConfig(config().withChatTemplate(source))"))
                .withSpecialTokens(templateTokens())
                .render(messages, options);
    }

    private Map<String, String> templateTokens() {
        Map<String, String> byName = new HashMap<>();
        // Names are guessed only where no file says them: a token that a file leaves out is not to be shown.
        TokenizerConfigFiles.ROLES.forEach((name, role) -> {
            if (config.roles().isEmpty() || config.roles().containsKey(role)) {
                special(role).ifPresent(id -> byName.put(name, token(id)));
            }
        });
        return byName;
    }

    /// Encodes a prompt that a template wrote: special tokens of the template become such; what came from the conversation
    /// is text, whatever it is spelled like.
    public int[] encode(ChatPrompt prompt) {
        Text text = Text.of(prompt.text());
        TokenBuffer tokens = buffers.take();
        tokens.reset(false);
        pipeline.encode(text, EncodeOptions.MARKUP, new ConversationPlaces(text, prompt.content()), tokens);
        int[] ids = tokens.ids();
        buffers.giveBack(tokens);
        return ids;
    }

    /// Encodes a conversation, written down with the model's template.
    ///
    /// @throws UnsupportedOperationException as [#chatPrompt]
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException as [#chatPrompt]
    public int[] encodeChat(List<ChatMessage> messages, ChatOptions options) {
        return encode(chatPrompt(messages, options));
    }

    /// Returns how the model is shown a gap, if the vocabulary has the marks of a known family and nothing says that the
    /// model was not trained with them.
    public Optional<InfillFormat> infillFormat() {
        return config.infilling().orElse(true) ? infillFormat : Optional.empty();
    }

    /// Returns the tokens in the order of their bytes, made at the first call.
    public TokenPrefixes prefixes() {
        TokenPrefixes made = prefixes;
        if (made == null) {
            made = new TokenPrefixes(this);
            prefixes = made;
        }
        return made;
    }

    /// Returns what is known beside the stages: roles, chat templates, whether the model fills gaps.
    public TokenizerConfig config() {
        return config;
    }

    /// Returns the same tokenizer with something else known about it.
    public Tokenizer withConfig(TokenizerConfig known) {
        return new Tokenizer(this, known);
    }

    /// Encodes UTF-8 from a stream without holding it in memory, and returns the number of tokens.
    ///
    /// The tokens are those of the whole text. Where the stages do not allow a text to be cut, as those of
    /// SentencePiece do not, all of it is read first. The stream is not closed.
    ///
    /// @param options without [EncodeOptions#frame()]
    /// @param sink receives the tokens, some thousands at a time
    /// @throws IOException if the stream cannot be read or the sink throws it
    public long encode(InputStream utf8, EncodeOptions options, TokenSink sink) throws IOException {
        return new StreamEncoder(this, options, StreamEncoder.PART).encode(utf8, sink);
    }

    /// Encodes a part of a stream and passes its tokens on.
    int encodePart(byte[] utf8, int length, EncodeOptions options, TokenSink sink) throws IOException {
        TokenBuffer tokens = buffers.take();
        tokens.reset(false);
        pipeline.encode(Text.ofUtf8(utf8, length), options, tokens);
        int count = tokens.size();
        sink.accept(tokens.array(), count);
        buffers.giveBack(tokens);
        return count;
    }

    /// Whether a text may be cut before a space or line feed that follows an ASCII letter, and its parts encoded one
    /// by one.
    boolean mayBeCut() {
        return pipeline.mayBeCut();
    }

    /// Encodes a text, with the characters that each token came from.
    ///
    /// Without framing, every character that is in a token is in its place. With it, places are what the
    /// post-processor makes of them, which may leave out white space.
    public Encoding encoding(String text, EncodeOptions options) {
        return encoding(Text.of(text), options);
    }

    private Encoding encoding(Text text, EncodeOptions options) {
        Encoding encoding = plainEncoding(text, options);
        return options.frame() && postProcessor != null ? postProcessor.frame(encoding, null) : encoding;
    }

    /// Encodes two texts into one sequence, as encoders that compare texts take them.
    public Encoding encoding(String first, String second, EncodeOptions options) {
        Encoding one = plainEncoding(Text.of(first), options);
        Encoding two = plainEncoding(Text.of(second), options);
        return options.frame() && postProcessor != null ? postProcessor.frame(one, two) : one.followedBy(two);
    }

    private Encoding plainEncoding(Text text, EncodeOptions options) {
        TokenBuffer tokens = buffers.take();
        tokens.reset(true);
        pipeline.encode(text, options, tokens);
        Encoding encoding = tokens.encoding();
        buffers.giveBack(tokens);
        return options.frame() && postProcessor != null ? postProcessor.place(encoding, this::token) : encoding;
    }

    /// Encodes many texts on several threads, which end before this returns.
    ///
    /// @param workers the number of threads, the caller's among them
    /// @return the ids of each text, in the order of the texts
    public List<int[]> encodeBatch(List<String> texts, EncodeOptions options, int workers) {
        return BatchEncoder.encode(this, texts, options, workers);
    }

    /// Returns the text that ids stand for; bytes that are no UTF-8 become U+FFFD.
    ///
    /// Special tokens are written as they are spelled.
    ///
    /// @throws IndexOutOfBoundsException if an id is not in `[0, vocabularySize())`
    public String decode(int... ids) {
        return new String(decodeBytes(ids), StandardCharsets.UTF_8);
    }

    /// Returns the text that ids stand for without the special tokens among them.
    ///
    /// @throws IndexOutOfBoundsException if an id is not in `[0, vocabularySize())`
    public String decodeWithoutSpecialTokens(int... ids) {
        return decode(Arrays.stream(ids).filter(id -> !isSpecial(id)).toArray());
    }

    /// Returns the bytes that ids stand for.
    ///
    /// @throws IndexOutOfBoundsException if an id is not in `[0, vocabularySize())`
    public byte[] decodeBytes(int... ids) {
        return decoded.decode(ids);
    }

    /// Returns the bytes that one token adds to a text.
    ///
    /// @param first whether it is the first token of the text
    byte[] piece(int id, boolean first) {
        return decoded.piece(id, first);
    }

    /// Returns a decoder for tokens that come one by one, which never shows half a character.
    public StreamingDecoder streamingDecoder() {
        return new StreamingDecoder(this);
    }

    /// Returns one more than the largest id: the number of rows that a model's embedding needs at least.
    public int vocabularySize() {
        return vocabularySize;
    }

    /// Returns the id of a token as the vocabulary writes it, for instance `Ġthe` or `<|endoftext|>`.
    public OptionalInt id(String token) {
        AddedToken added = addedByContent.get(token);
        return added != null ? OptionalInt.of(added.id()) : model().id(token);
    }

    /// Returns a token as the vocabulary writes it; an id without a token gives the empty string.
    ///
    /// @throws IndexOutOfBoundsException if the id is not in `[0, vocabularySize())`
    public String token(int id) {
        Objects.checkIndex(id, vocabularySize);
        AddedToken added = addedById.get(id);
        return added != null ? added.content() : id < model().vocabularySize() ? model().token(id) : "";
    }

    /// Whether an id belongs to a special token.
    public boolean isSpecial(int id) {
        AddedToken added = addedById.get(id);
        return added != null && added.special();
    }

    /// Returns the id of the special token with a role, if this vocabulary has one.
    public OptionalInt special(SpecialRole role) {
        Integer id = roles.get(role);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// Returns the id of the token that ends a text and stands between documents, if there is one.
    public OptionalInt endOfText() {
        return special(SpecialRole.END_OF_TEXT);
    }

    /// Returns the added tokens, special or not, in the order of the file.
    public List<AddedToken> addedTokens() {
        return addedTokens;
    }

    /// Returns the stage that rewrites a text, if there is one.
    public Optional<Normalizer> normalizer() {
        return Optional.ofNullable(pipeline.normalizer());
    }

    /// Returns the stage that cuts a text into words, if there is one.
    public Optional<Splitter> splitter() {
        return Optional.ofNullable(pipeline.splitter());
    }

    /// Returns the stage that spells words.
    public TokenModel model() {
        return pipeline.model();
    }

    /// Returns the stage that frames a text, if there is one.
    public Optional<PostProcessor> postProcessor() {
        return Optional.ofNullable(postProcessor);
    }

    /// Returns the stage that turns tokens back into text, if there is one.
    public Optional<Decoder> decoder() {
        return Optional.ofNullable(decoder);
    }

    /// Returns what a file says beside the pipeline, by name, so that it can be written again.
    Map<String, Object> keptSections() {
        return keptSections;
    }

    @Override
    public String toString() {
        return "Tokenizer[%s, vocabularySize=%d, addedTokens=%d]"
                .formatted(model().getClass().getSimpleName(), vocabularySize, addedTokens.size());
    }

    /// The stages of a tokenizer. Only the model is required.
    public static final class Builder {

        private @Nullable Normalizer normalizer;
        private @Nullable Splitter splitter;
        private @Nullable TokenModel model;
        private @Nullable PostProcessor postProcessor;
        private @Nullable Decoder decoder;
        private final List<AddedToken> addedTokens = new ArrayList<>();
        private final Map<String, Object> keptSections = new HashMap<>();
        private TokenizerConfig config = TokenizerConfig.EMPTY;
        private final BuilderProblems problems = new BuilderProblems("Tokenizer");

        private Builder() {}

        /// Sets the stage that rewrites a text; null for none.
        public Builder normalizer(@Nullable Normalizer stage) {
            problems.once("normalizer");
            normalizer = stage;
            return this;
        }

        /// Sets the stage that cuts a text into words; null for none.
        public Builder splitter(@Nullable Splitter stage) {
            problems.once("splitter");
            splitter = stage;
            return this;
        }

        /// Sets the stage that spells words.
        public Builder model(TokenModel stage) {
            problems.once("model");
            model = stage;
            return this;
        }

        /// Sets the stage that frames a text; null for none.
        public Builder postProcessor(@Nullable PostProcessor stage) {
            problems.once("postProcessor");
            postProcessor = stage;
            return this;
        }

        /// Sets the stage that turns tokens back into text; null if tokens are text already.
        public Builder decoder(@Nullable Decoder stage) {
            problems.once("decoder");
            decoder = stage;
            return this;
        }

        /// Adds a token that is found in the text before it is split.
        public Builder addedToken(AddedToken token) {
            addedTokens.add(token);
            return this;
        }

        /// Adds tokens that are found in the text before it is split.
        public Builder addedTokens(List<AddedToken> tokens) {
            addedTokens.addAll(tokens);
            return this;
        }

        /// Sets what is known beside the stages.
        public Builder config(TokenizerConfig known) {
            problems.once("config");
            config = known;
            return this;
        }

        /// Keeps what a file says beside the pipeline.
        Builder keptSection(String name, Map<?, ?> section) {
            keptSections.put(name, section);
            return this;
        }

        /// Returns the tokenizer.
        ///
        /// @throws IllegalStateException if something is missing, set twice, two added tokens share an id, or the
        ///     post-processor adds a token that there is not
        public Tokenizer build() {
            if (model == null) {
                problems.missing("model", "there is nothing to spell words with");
            }
            Map<Integer, String> byId = new HashMap<>();
            for (AddedToken token : addedTokens) {
                String other = byId.put(token.id(), token.content());
                if (other != null) {
                    problems.add("the added tokens \"%s\" and \"%s\" both have the id %d"
                            .formatted(other, token.content(), token.id()));
                }
            }
            problems.refuse();
            Tokenizer tokenizer = new Tokenizer(this);
            int largest = postProcessor == null
                    ? -1
                    : postProcessor.specialIds().max().orElse(-1);
            if (largest >= tokenizer.vocabularySize()) {
                problems.add("the post-processor adds the id %d, but the vocabulary ends at %d"
                        .formatted(largest, tokenizer.vocabularySize() - 1));
            }
            problems.refuse();
            return tokenizer;
        }
    }
}
