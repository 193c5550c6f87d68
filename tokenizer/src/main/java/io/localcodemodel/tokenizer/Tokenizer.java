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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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
/// [Decoder] goes the way back. Its file is `tokenizer.json`, that of the Hugging Face library.
///
/// Immutable; any number of threads may use one at a time.
public final class Tokenizer {

    private final TokenIndex tokens;
    private final Encoder encoder;
    private final DecodedTokens decoded;
    private final Map<String, Object> keptSections;
    private final TokenizerConfig config;
    private final Map<SpecialRole, Integer> roles;
    private final Optional<InfillFormat> infillFormat;
    private final Continuation continuation;
    private volatile @Nullable TokenPrefixes prefixes;

    private Tokenizer(
            TokenIndex tokens,
            Encoder encoder,
            DecodedTokens decoded,
            Map<String, Object> keptSections,
            TokenizerConfig config) {
        this.tokens = tokens;
        this.encoder = encoder;
        this.decoded = decoded;
        this.keptSections = keptSections;
        this.config = config;
        this.roles = tokens.roles(config);
        this.infillFormat = InfillFormat.of(this);
        this.continuation = new Continuation(this);
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

    /// Writes `tokenizer.json`, `tokenizer_config.json` and a chat template's `chat_template.jinja` into a folder (made if it
    /// is not there), or a single file in the format that its name ends in: `.json`, `.model` (SentencePiece), `.bin`
    /// (llama2.c).
    ///
    /// Each file is written beside its place, forced to disk, and then moved there: whoever reads meanwhile, or after a
    /// crash, finds the old file or the new one.
    ///
    /// @throws IOException if the file cannot be written
    /// @throws UnsupportedOperationException if a stage has no form in that file
    /// @throws IllegalArgumentException if the format cannot hold this tokenizer, or the name is that of a file which
    ///     holds no tokenizer alone, as `vocab.json`
    public void save(Path path) throws IOException {
        TokenizerFiles.write(this, path);
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
        return encoder.encode(Text.of(text), options);
    }

    /// Encodes a text given as UTF-8; malformed sequences are read as U+FFFD.
    public int[] encode(byte[] utf8, EncodeOptions options) {
        return encoder.encode(Text.ofUtf8(utf8, utf8.length), options);
    }

    /// Returns the way from texts to tokens.
    Encoder encoder() {
        return encoder;
    }

    /// Encodes a text that follows other text: where the vocabulary puts a space before the first word of a text, it puts
    /// none.
    public int[] encodeContinuation(String text) {
        return continuation.encode(text);
    }

    /// Writes a conversation down with the model's template.
    ///
    /// @throws UnsupportedOperationException if the model came without a template
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException if the template is refused or refuses the messages
    public ChatPrompt chatPrompt(List<ChatMessage> messages, ChatOptions options) {
        return ChatFraming.prompt(this, messages, options);
    }

    /// Encodes a prompt that a template wrote: special tokens of the template become such; what came from the conversation
    /// is text, whatever it is spelled like.
    public int[] encode(ChatPrompt prompt) {
        return encoder.encode(prompt);
    }

    /// Encodes a conversation, written down with the model's template; throws what [#chatPrompt] does.
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
        Encoder framing = TokenizerConfigFiles.framing(tokens, known)
                .map(encoder::withPostProcessor)
                .orElse(encoder);
        return new Tokenizer(tokens, framing, decoded, keptSections, known);
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
        return new StreamEncoder(encoder, options, StreamEncoder.PART).encode(utf8, sink);
    }

    /// Encodes a text, with the characters that each token came from.
    ///
    /// Without framing, every character that is in a token is in its place. With it, places are what the
    /// post-processor makes of them, which may leave out white space.
    public Encoding encoding(String text, EncodeOptions options) {
        return encoder.encoding(Text.of(text), options);
    }

    /// Encodes two texts into one sequence, as encoders that compare texts take them.
    public Encoding encoding(String first, String second, EncodeOptions options) {
        return encoder.encoding(Text.of(first), Text.of(second), options);
    }

    /// Encodes many texts on several threads, which end before this returns.
    ///
    /// @param workers the number of threads, the caller's among them
    /// @return the ids of each text, in the order of the texts
    public List<int[]> encodeBatch(List<String> texts, EncodeOptions options, int workers) {
        return BatchEncoder.encode(encoder, texts, options, workers);
    }

    /// Returns the text that ids stand for; bytes that are no UTF-8 become U+FFFD.
    ///
    /// Special tokens are written as they are spelled.
    ///
    /// @throws IndexOutOfBoundsException if an id is not in `[0, vocabularySize())`
    public String decode(int... ids) {
        return new String(decodeBytes(ids), StandardCharsets.UTF_8);
    }

    /// Returns the text that ids stand for without the special tokens among them; throws what [#decode] does.
    public String decodeWithoutSpecialTokens(int... ids) {
        return decode(Arrays.stream(ids).filter(id -> !isSpecial(id)).toArray());
    }

    /// Returns the bytes that ids stand for; throws what [#decode] does.
    public byte[] decodeBytes(int... ids) {
        return decoded.decode(ids);
    }

    /// Returns the way from tokens to bytes.
    DecodedTokens decoded() {
        return decoded;
    }

    /// Returns a decoder for tokens that come one by one, which never shows half a character.
    public StreamingDecoder streamingDecoder() {
        return new StreamingDecoder(this);
    }

    /// Returns one more than the largest id: the number of rows that a model's embedding needs at least.
    public int vocabularySize() {
        return tokens.size();
    }

    /// Returns the id of a token as the vocabulary writes it, for instance `Ġthe` or `<|endoftext|>`.
    public OptionalInt id(String token) {
        return tokens.id(token);
    }

    /// Returns a token as the vocabulary writes it; an id without a token gives the empty string.
    ///
    /// @throws IndexOutOfBoundsException if the id is not in `[0, vocabularySize())`
    public String token(int id) {
        return tokens.token(id);
    }

    /// Whether an id belongs to a special token.
    public boolean isSpecial(int id) {
        return tokens.isSpecial(id);
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
        return tokens.addedTokens();
    }

    /// Returns the stage that rewrites a text, if there is one.
    public Optional<Normalizer> normalizer() {
        return Optional.ofNullable(encoder.pipeline().normalizer());
    }

    /// Returns the stage that cuts a text into words, if there is one.
    public Optional<Splitter> splitter() {
        return Optional.ofNullable(encoder.pipeline().splitter());
    }

    /// Returns the stage that spells words.
    public TokenModel model() {
        return encoder.pipeline().model();
    }

    /// Returns the stage that frames a text, if there is one.
    public Optional<PostProcessor> postProcessor() {
        return Optional.ofNullable(encoder.postProcessor());
    }

    /// Returns the stage that turns tokens back into text, if there is one.
    public Optional<Decoder> decoder() {
        return Optional.ofNullable(decoded.decoder());
    }

    /// Returns what a file says beside the pipeline, by name, so that it can be written again.
    Map<String, Object> keptSections() {
        return keptSections;
    }

    @Override
    public String toString() {
        return "Tokenizer[" + model().getClass().getSimpleName() + ", vocabularySize=" + vocabularySize() + "]";
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
        /// @throws IllegalArgumentException if something is missing, set twice, two added tokens share an id, or the
        ///     post-processor adds a token that there is not
        public Tokenizer build() {
            if (model == null) {
                problems.missing("model", "there is nothing to spell words with");
            }
            TokenIndex.sharedIds(addedTokens).forEach(problems::add);
            problems.refuse();
            TokenIndex tokens = new TokenIndex(Objects.requireNonNull(model), addedTokens);
            tokens.missing(postProcessor).forEach(problems::add);
            problems.refuse();
            Pipeline pipeline = new Pipeline(normalizer, splitter, model, tokens.addedTokens());
            return new Tokenizer(
                    tokens,
                    new Encoder(pipeline, postProcessor, tokens::token),
                    new DecodedTokens(tokens, decoder),
                    Map.copyOf(keptSections),
                    config);
        }
    }
}
