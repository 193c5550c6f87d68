package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Frames with one post-processor after the other (`Sequence` of `tokenizer.json`).
///
/// @param processors the post-processors in order, of which one at most adds tokens
public record SequencePostProcessor(List<PostProcessor> processors) implements PostProcessor {

    static final String TYPE = "Sequence";

    /// Takes a copy of the list.
    ///
    /// @throws IllegalArgumentException if two of them add tokens
    public SequencePostProcessor {
        processors = List.copyOf(processors);
        if (processors.stream().filter(SequencePostProcessor::adds).count() > 1) {
            throw new IllegalArgumentException("Only one post-processor of a sequence can add tokens");
        }
    }

    static SequencePostProcessor of(JsonFields fields) throws TokenizerFormatException {
        List<PostProcessor> processors = new ArrayList<>();
        for (JsonFields element : fields.objects("processors")) {
            processors.add(Stages.postProcessor(element));
        }
        if (processors.stream().filter(SequencePostProcessor::adds).count() > 1) {
            throw fields.refuse("processors", "at most one that adds tokens", "more of them");
        }
        return new SequencePostProcessor(processors);
    }

    private static boolean adds(PostProcessor processor) {
        return processor.specialIds().findAny().isPresent();
    }

    @Override
    public Encoding place(Encoding text, IntFunction<String> tokens) {
        Encoding placed = text;
        for (PostProcessor processor : processors) {
            placed = processor.place(placed, tokens);
        }
        return placed;
    }

    @Override
    public Encoding frame(Encoding text, @Nullable Encoding pair) {
        for (PostProcessor processor : processors) {
            if (adds(processor)) {
                return processor.frame(text, pair);
            }
        }
        return pair == null ? text : text.followedBy(pair);
    }

    @Override
    public IntStream specialIds() {
        return processors.stream().flatMapToInt(PostProcessor::specialIds);
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf(
                "type", TYPE, "processors", processors.stream().map(Stage::json).toList());
    }
}
