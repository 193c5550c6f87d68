package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Splits with one splitter, then each of its words with the next (`Sequence` of `tokenizer.json`).
///
/// @param splitters the splitters in order
public record SequenceSplitter(List<Splitter> splitters) implements Splitter {

    static final String TYPE = "Sequence";

    /// Takes a copy of the list.
    public SequenceSplitter {
        splitters = List.copyOf(splitters);
    }

    static SequenceSplitter of(JsonFields fields) throws TokenizerFormatException {
        List<Splitter> splitters = new ArrayList<>();
        for (JsonFields element : fields.objects("pretokenizers")) {
            splitters.add(Stages.splitter(element));
        }
        return new SequenceSplitter(splitters);
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        Words sink = words;
        for (int i = splitters.size() - 1; i >= 0; i--) {
            Splitter splitter = splitters.get(i);
            if (!isIdentity(splitter)) {
                Words rest = sink;
                sink = (word, start, end) -> splitter.split(word, start, end, rest);
            }
        }
        sink.word(text, from, to);
    }

    /// A byte-level splitter often only says what kind of model follows.
    private static boolean isIdentity(Splitter splitter) {
        return splitter instanceof ByteLevelSplitter level && !level.addPrefixSpace() && !level.useRegex();
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        CutBeforeSpace result = CutBeforeSpace.CUTS_ONE_WORD;
        for (Splitter splitter : splitters) {
            switch (splitter.cutBeforeSpace()) {
                case CHANGES_WORDS -> {
                    return CutBeforeSpace.CHANGES_WORDS;
                }
                case CHANGES_NOTHING -> result = CutBeforeSpace.CHANGES_NOTHING;
                case CUTS_ONE_WORD -> {}
            }
        }
        return result;
    }

    @Override
    public boolean byteLevel() {
        return splitters.stream().anyMatch(Splitter::byteLevel);
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf(
                "type",
                TYPE,
                "pretokenizers",
                splitters.stream().map(Stage::json).toList());
    }
}
