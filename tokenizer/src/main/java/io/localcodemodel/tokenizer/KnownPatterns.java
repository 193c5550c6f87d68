package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The splitting patterns that are run by hand-written scanners, by the text they have in the files: one, or several of which
/// each cuts what those before it left.
final class KnownPatterns {

    /// GPT-2's pattern as newer files of OpenAI's write it.
    private static final String GPT2_POSSESSIVE =
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s";

    private static final String GPT2_GROUPED =
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// The scanners by their patterns.
    static final Map<List<String>, Scanner> SCANNERS = Map.ofEntries(
            Map.entry(List.of(Gpt2Scanner.PATTERN), new Gpt2Scanner()),
            Map.entry(List.of(GPT2_GROUPED), new Gpt2Scanner()),
            Map.entry(List.of(GPT2_POSSESSIVE), new Gpt2Scanner()),
            Map.entry(List.of(Cl100kScanner.PATTERN), new Cl100kScanner(3, true, false)),
            Map.entry(List.of(Cl100kScanner.SINGLE_NUMBERS), new Cl100kScanner(1, true, false)),
            Map.entry(List.of(Cl100kScanner.LINES_APART), new Cl100kScanner(1, false, false)),
            Map.entry(List.of(Cl100kScanner.POSSESSIVE), new Cl100kScanner(3, true, true)),
            Map.entry(List.of(O200kScanner.PATTERN), new O200kScanner(3, true)),
            Map.entry(List.of(O200kScanner.TEKKEN), new O200kScanner(1, false)),
            Map.entry(DeepSeekScanner.CODER, new DeepSeekScanner(true, true)),
            Map.entry(DeepSeekScanner.LLM, new DeepSeekScanner(false, false)),
            Map.entry(DeepSeekScanner.LLM_SINGLE_NUMBERS, new DeepSeekScanner(false, true)),
            Map.entry(DeepSeek3Scanner.PATTERNS, new DeepSeek3Scanner()));

    private KnownPatterns() {}

    /// Returns the scanner that equals patterns one after the other, or null if there is none.
    static @Nullable Scanner scanner(List<String> patterns) {
        return SCANNERS.get(patterns);
    }

    /// Returns the patterns that, one after the other, cut a text as a splitter does, or null if there are none.
    static @Nullable List<String> patterns(Splitter splitter) {
        List<String> patterns = new ArrayList<>();
        return addPatterns(splitter, patterns) ? patterns : null;
    }

    private static boolean addPatterns(Splitter splitter, List<String> patterns) {
        return switch (splitter) {
            case SequenceSplitter sequence ->
                sequence.splitters().stream().allMatch(stage -> addPatterns(stage, patterns));
            case PatternSplitter stage -> stage.isolatedPattern() != null && patterns.add(stage.isolatedPattern());
            case DigitsSplitter digits -> patterns.add(digits.individual() ? "\\p{N}" : "\\p{N}+");
            case ByteLevelSplitter level when level.isIdentity() -> true;
            case ByteLevelSplitter level when !level.addPrefixSpace() -> patterns.add(Gpt2Scanner.PATTERN);
            default -> false;
        };
    }
}
