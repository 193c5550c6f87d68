package io.localcodemodel.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a `.tiktoken` file does not say: the splitting pattern and the special tokens of each published encoding.
public enum TiktokenEncoding {
    /// GPT-2, GPT-3.
    R50K_BASE("r50k_base", 50256, Gpt2Scanner.PATTERN, Map.of("<|endoftext|>", 50256)),
    /// Codex: GPT-2 with runs of spaces.
    P50K_BASE("p50k_base", 50280, Gpt2Scanner.PATTERN, Map.of("<|endoftext|>", 50256)),
    /// GPT-3.5, GPT-4.
    CL100K_BASE(
            "cl100k_base",
            100256,
            Cl100kScanner.PATTERN,
            Map.of(
                    "<|endoftext|>", 100257,
                    "<|fim_prefix|>", 100258,
                    "<|fim_middle|>", 100259,
                    "<|fim_suffix|>", 100260,
                    "<|endofprompt|>", 100276)),
    /// GPT-4o and later.
    O200K_BASE("o200k_base", 199998, O200kScanner.PATTERN, Map.of("<|endoftext|>", 199999, "<|endofprompt|>", 200018));

    private final String fileName;
    private final int ranks;
    private final String pattern;

    @SuppressWarnings("ImmutableEnumChecker") // made by Map.of
    private final Map<String, Integer> specialTokens;

    TiktokenEncoding(String fileName, int ranks, String pattern, Map<String, Integer> specialTokens) {
        this.fileName = fileName;
        this.ranks = ranks;
        this.pattern = pattern;
        this.specialTokens = specialTokens;
    }

    /// Returns the pattern that cuts a text into words.
    public String pattern() {
        return pattern;
    }

    /// Returns the special tokens with their ids, lowest id first.
    public Map<String, Integer> specialTokens() {
        Map<String, Integer> sorted = new LinkedHashMap<>();
        specialTokens.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    /// Finds the encoding that a file belongs to, by its name or by how many ranks it has.
    static Optional<TiktokenEncoding> of(String file, int size) {
        for (TiktokenEncoding encoding : values()) {
            if (file.startsWith(encoding.fileName)) {
                return Optional.of(encoding);
            }
        }
        for (TiktokenEncoding encoding : values()) {
            if (size == encoding.ranks) {
                return Optional.of(encoding);
            }
        }
        return Optional.empty();
    }
}
