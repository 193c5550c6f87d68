package io.localcodemodel.tokenizer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The splitting patterns that are run by hand-written scanners, by the text they have in the files.
final class KnownPatterns {

    /// GPT-2's pattern as newer files of OpenAI's write it.
    private static final String GPT2_POSSESSIVE =
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s";

    private static final String GPT2_GROUPED =
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final Map<String, Scanner> SCANNERS = Map.of(
            Gpt2Scanner.PATTERN,
            new Gpt2Scanner(),
            GPT2_GROUPED,
            new Gpt2Scanner(),
            GPT2_POSSESSIVE,
            new Gpt2Scanner(),
            Cl100kScanner.PATTERN,
            new Cl100kScanner(3, false),
            Cl100kScanner.SINGLE_NUMBERS,
            new Cl100kScanner(1, false),
            Cl100kScanner.POSSESSIVE,
            new Cl100kScanner(3, true),
            O200kScanner.PATTERN,
            new O200kScanner());

    private KnownPatterns() {}

    /// Returns the scanner that equals a pattern, or null if there is none.
    static @Nullable Scanner scanner(String pattern) {
        return SCANNERS.get(pattern);
    }
}
