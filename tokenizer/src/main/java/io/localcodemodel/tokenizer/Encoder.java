package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The way from a text to framed tokens: lends each thread a buffer, runs the pipeline and lets the post-processor put its
/// tokens around.
final class Encoder {

    private final Pipeline pipeline;
    private final @Nullable PostProcessor postProcessor;
    private final IntFunction<String> names;
    private final BufferPool buffers;

    /// @param names the token with an id as the vocabulary writes it
    Encoder(Pipeline pipeline, @Nullable PostProcessor postProcessor, IntFunction<String> names) {
        this.pipeline = pipeline;
        this.postProcessor = postProcessor;
        this.names = names;
        this.buffers = new BufferPool();
    }

    /// The same way with another end, and with the caches of this one.
    private Encoder(Encoder other, PostProcessor postProcessor) {
        this.pipeline = other.pipeline;
        this.postProcessor = postProcessor;
        this.names = other.names;
        this.buffers = other.buffers;
    }

    Encoder withPostProcessor(PostProcessor other) {
        return new Encoder(this, other);
    }

    Pipeline pipeline() {
        return pipeline;
    }

    @Nullable
    PostProcessor postProcessor() {
        return postProcessor;
    }

    int[] encode(Text text, EncodeOptions options) {
        TokenBuffer tokens = buffers.take();
        int[] ids = encode(text, options, tokens);
        buffers.giveBack(tokens);
        return ids;
    }

    int[] encode(Text text, EncodeOptions options, TokenBuffer tokens) {
        tokens.reset(false);
        pipeline.encode(text, options, tokens);
        int[] ids = tokens.ids();
        return options.frame() && postProcessor != null
                ? postProcessor.frame(Encoding.withoutPlaces(ids), null).ids()
                : ids;
    }

    /// Gives a thread that encodes many texts one buffer for all of them: its cache of words stays in the caches of one
    /// core.
    void withBuffer(Consumer<TokenBuffer> work) {
        TokenBuffer tokens = buffers.take();
        work.accept(tokens);
        buffers.giveBack(tokens);
    }

    /// Encodes a prompt in which special tokens count only where the template wrote them.
    int[] encode(ChatPrompt prompt) {
        Text text = Text.of(prompt.text());
        TokenBuffer tokens = buffers.take();
        tokens.reset(false);
        pipeline.encode(text, EncodeOptions.MARKUP, new ConversationPlaces(text, prompt.content()), tokens);
        int[] ids = tokens.ids();
        buffers.giveBack(tokens);
        return ids;
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

    Encoding encoding(Text text, EncodeOptions options) {
        Encoding encoding = plainEncoding(text, options);
        return options.frame() && postProcessor != null ? postProcessor.frame(encoding, null) : encoding;
    }

    Encoding encoding(Text first, Text second, EncodeOptions options) {
        Encoding one = plainEncoding(first, options);
        Encoding two = plainEncoding(second, options);
        return options.frame() && postProcessor != null ? postProcessor.frame(one, two) : one.followedBy(two);
    }

    private Encoding plainEncoding(Text text, EncodeOptions options) {
        TokenBuffer tokens = buffers.take();
        tokens.reset(true);
        pipeline.encode(text, options, tokens);
        Encoding encoding = tokens.encoding();
        buffers.giveBack(tokens);
        return options.frame() && postProcessor != null ? postProcessor.place(encoding, names) : encoding;
    }
}
