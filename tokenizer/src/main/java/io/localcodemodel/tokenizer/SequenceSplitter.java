package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Splits with one splitter, then each of its words with the next (`Sequence` of `tokenizer.json`).
///
/// Rows of patterns that are known are run by a hand-written scanner.
public final class SequenceSplitter implements Splitter {

    static final String TYPE = "Sequence";

    private final List<Splitter> splitters;
    private final @Nullable Scanner scanner;

    /// Takes splitters in order.
    public SequenceSplitter(List<Splitter> splitters) {
        this.splitters = List.copyOf(splitters);
        List<String> patterns = KnownPatterns.patterns(this);
        this.scanner = patterns == null ? null : KnownPatterns.scanner(patterns);
    }

    static SequenceSplitter of(JsonFields fields) throws TokenizerFormatException {
        List<Splitter> splitters = new ArrayList<>();
        for (JsonFields element : fields.objects("pretokenizers")) {
            splitters.add(Stages.splitter(element));
        }
        return new SequenceSplitter(splitters);
    }

    /// Returns the splitters in order.
    public List<Splitter> splitters() {
        return splitters;
    }

    @Override
    public void split(Text text, int from, int to, Words words) {
        if (scanner != null) {
            scanner.split(text, from, to, words);
            return;
        }
        Words sink = words;
        for (int i = splitters.size() - 1; i >= 0; i--) {
            Splitter splitter = splitters.get(i);
            if (!(splitter instanceof ByteLevelSplitter level && level.isIdentity())) {
                Words rest = sink;
                sink = (word, start, end) -> splitter.split(word, start, end, rest);
            }
        }
        sink.word(text, from, to);
    }

    @Override
    public CutBeforeSpace cutBeforeSpace() {
        if (scanner != null) {
            return CutBeforeSpace.CHANGES_NOTHING;
        }
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

    @Override
    public String toString() {
        return "SequenceSplitter" + splitters;
    }
}
