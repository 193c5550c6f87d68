package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The splitters by the names that llama.cpp gives them in `tokenizer.ggml.pre`.
///
/// A splitter that has several names is written by the first of them.
final class GgufSplitters {

    /// What a file without a name means.
    static final String DEFAULT = "default";

    private static final Splitter AFTER_DIGITS =
            new SequenceSplitter(List.of(new DigitsSplitter(true), ByteLevelSplitter.gpt2()));
    private static final Splitter LLAMA_3 = patterns(Cl100kScanner.PATTERN);
    private static final Splitter QWEN_2 = patterns(Cl100kScanner.SINGLE_NUMBERS);

    /// The names with which a word that is a token is that token, and a text is begun by a token unless a file says otherwise.
    private static final Set<String> LIKE_LLAMA_3 = Set.of("llama-bpe", "llama3", "llama-v3", "tekken");

    private static final Map<String, Splitter> SPLITTERS = splitters();

    private GgufSplitters() {}

    private static Map<String, Splitter> splitters() {
        Map<String, Splitter> named = new LinkedHashMap<>();
        named.put("gpt-2", ByteLevelSplitter.gpt2());
        named.put("mpt", ByteLevelSplitter.gpt2());
        named.put("olmo", ByteLevelSplitter.gpt2());
        named.put("phi-2", ByteLevelSplitter.gpt2());
        named.put("mellum", ByteLevelSplitter.gpt2());
        named.put("starcoder", AFTER_DIGITS);
        named.put("refact", AFTER_DIGITS);
        named.put("smollm", AFTER_DIGITS);
        named.put("codeshell", AFTER_DIGITS);
        named.put("command-r", AFTER_DIGITS);
        named.put("qwen2", QWEN_2);
        named.put("deepseek-r1-qwen", QWEN_2);
        named.put("stablelm2", QWEN_2);
        named.put("llama-bpe", LLAMA_3);
        named.put("llama3", LLAMA_3);
        named.put("llama-v3", LLAMA_3);
        named.put("dbrx", LLAMA_3);
        named.put("smaug-bpe", LLAMA_3);
        named.put("chatglm-bpe", LLAMA_3);
        named.put("glm4", LLAMA_3);
        named.put("seed-coder", patterns(Cl100kScanner.LINES_APART));
        named.put("gpt-4o", patterns(O200kScanner.PATTERN));
        named.put("llama4", patterns(O200kScanner.PATTERN));
        named.put("tekken", patterns(O200kScanner.TEKKEN));
        named.put("deepseek-llm", patterns(DeepSeekScanner.LLM));
        named.put("deepseek-coder", patterns(DeepSeekScanner.CODER));
        named.put("deepseek-v3", patterns(DeepSeek3Scanner.PATTERNS));
        named.put(
                DEFAULT,
                patterns(List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", Gpt2Scanner.PATTERN, "\\p{N}+", "[0-9][0-9][0-9]")));
        return Collections.unmodifiableMap(named);
    }

    private static Splitter patterns(String pattern) {
        return patterns(List.of(pattern));
    }

    /// Cuts a text by one pattern after the other, each within what those before it left.
    private static Splitter patterns(List<String> patterns) {
        List<Splitter> splitters = new ArrayList<>();
        for (String pattern : patterns) {
            splitters.add(PatternSplitter.regex(pattern));
        }
        splitters.add(new ByteLevelSplitter(false, false, false));
        return new SequenceSplitter(splitters);
    }

    static @Nullable Splitter named(String name) {
        return SPLITTERS.get(name);
    }

    /// Returns the name of a splitter that cuts all texts as a given one does, or null if none has a name.
    static @Nullable String name(Splitter splitter, boolean ignoreMerges) {
        List<String> patterns = splitter.byteLevel() ? KnownPatterns.patterns(splitter) : null;
        for (Map.Entry<String, Splitter> named : SPLITTERS.entrySet()) {
            if (patterns != null
                    && patterns.equals(KnownPatterns.patterns(named.getValue()))
                    && isLikeLlama3(named.getKey()) == ignoreMerges) {
                return named.getKey();
            }
        }
        return null;
    }

    static Set<String> names() {
        return SPLITTERS.keySet();
    }

    /// Whether vocabularies with a splitter take a word that is a token for that token, whatever the merges say, and put a
    /// token before a text unless a file says otherwise.
    static boolean isLikeLlama3(String name) {
        return LIKE_LLAMA_3.contains(name);
    }
}
