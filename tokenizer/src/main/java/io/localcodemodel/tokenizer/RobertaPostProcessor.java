package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Frames a text as RoBERTa expects it, `<s> text </s>`, and a pair as `<s> first </s></s> second </s>`
/// (`RobertaProcessing` of `tokenizer.json`). All tokens have type 0.
///
/// @param separator what ends each text
/// @param classifier what goes before the first
/// @param trimOffsets whether a token's place leaves out the white space that the token begins or ends with
/// @param addPrefixSpace whether the splitter puts a space before a text, which has no place to leave out
public record RobertaPostProcessor(
        NamedToken separator, NamedToken classifier, boolean trimOffsets, boolean addPrefixSpace)
        implements PostProcessor {

    static final String TYPE = "RobertaProcessing";

    static RobertaPostProcessor of(JsonFields fields) throws TokenizerFormatException {
        return new RobertaPostProcessor(
                NamedToken.of(fields, "sep"),
                NamedToken.of(fields, "cls"),
                fields.bool("trim_offsets", true),
                fields.bool("add_prefix_space", true));
    }

    @Override
    public Encoding place(Encoding text, IntFunction<String> tokens) {
        return trimOffsets ? OffsetTrimming.trim(text, tokens, addPrefixSpace) : text;
    }

    @Override
    public Encoding frame(Encoding text, @Nullable Encoding pair) {
        Encoding end = separator.encoding(0);
        Encoding first = Encoding.join(List.of(classifier.encoding(0), text.withType(0), end));
        return pair == null ? first : Encoding.join(List.of(first, end, pair.withType(0), end));
    }

    @Override
    public IntStream specialIds() {
        return IntStream.of(separator.id(), classifier.id());
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("sep", separator.json());
        json.put("cls", classifier.json());
        json.put("trim_offsets", trimOffsets);
        json.put("add_prefix_space", addPrefixSpace);
        return json;
    }
}
