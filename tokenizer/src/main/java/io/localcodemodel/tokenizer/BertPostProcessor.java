package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Frames a text as BERT expects it, `[CLS] text [SEP]`, and a pair as `[CLS] first [SEP] second [SEP]`
/// (`BertProcessing` of `tokenizer.json`).
///
/// The second text and its separator have type 1, all else type 0.
///
/// @param separator what ends each text
/// @param classifier what goes before the first
public record BertPostProcessor(NamedToken separator, NamedToken classifier) implements PostProcessor {

    static final String TYPE = "BertProcessing";

    static BertPostProcessor of(JsonFields fields) throws TokenizerFormatException {
        return new BertPostProcessor(NamedToken.of(fields, "sep"), NamedToken.of(fields, "cls"));
    }

    @Override
    public Encoding frame(Encoding text, @Nullable Encoding pair) {
        Encoding end = separator.encoding(0);
        Encoding first = Encoding.join(List.of(classifier.encoding(0), text.withType(0), end));
        return pair == null ? first : Encoding.join(List.of(first, pair.withType(1), separator.encoding(1)));
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
        return json;
    }
}
