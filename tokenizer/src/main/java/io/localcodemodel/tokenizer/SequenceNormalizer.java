package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Rewrites with one normaliser after the other (`Sequence` of `tokenizer.json`).
///
/// @param normalizers the normalisers in order
public record SequenceNormalizer(List<Normalizer> normalizers) implements Normalizer {

    static final String TYPE = "Sequence";

    /// Takes a copy of the list.
    public SequenceNormalizer {
        normalizers = List.copyOf(normalizers);
    }

    static SequenceNormalizer of(JsonFields fields) throws TokenizerFormatException {
        List<Normalizer> normalizers = new ArrayList<>();
        for (JsonFields element : fields.objects("normalizers")) {
            normalizers.add(Stages.normalizer(element));
        }
        return new SequenceNormalizer(normalizers);
    }

    @Override
    public Text normalize(Text text) {
        Text result = text;
        for (Normalizer normalizer : normalizers) {
            result = normalizer.normalize(result);
        }
        return result;
    }

    @Override
    public boolean cutsBeforeSpace() {
        return normalizers.stream().allMatch(Normalizer::cutsBeforeSpace);
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf(
                "type",
                TYPE,
                "normalizers",
                normalizers.stream().map(Stage::json).toList());
    }
}
