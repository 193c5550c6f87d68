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

    /// The letters that are large or small, as the vocabulary of DeepSeek lists them, perhaps after a space.
    private static final String DEEPSEEK_LETTERS =
            "\\s?[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293"
                    + "\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C"
                    + "\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5"
                    + "\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77"
                    + "\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59"
                    + "\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC"
                    + "\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107"
                    + "\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139"
                    + "\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE"
                    + "\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E"
                    + "\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A"
                    + "\uD801\uDC00-\uD801\uDC4F\uD801\uDCB0-\uD801\uDCD3\uD801\uDCD8-\uD801\uDCFB"
                    + "\uD803\uDC80-\uD803\uDCB2\uD803\uDCC0-\uD803\uDCF2\uD806\uDCA0-\uD806\uDCDF"
                    + "\uD83A\uDD00-\uD83A\uDD43]+";
    private static final String DEEPSEEK_PUNCTUATION =
            "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
    private static final String DEEPSEEK_SCRIPTS = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
    private static final String DEEPSEEK_3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    private static final Splitter AFTER_DIGITS =
            new SequenceSplitter(List.of(new DigitsSplitter(true), ByteLevelSplitter.gpt2()));
    private static final Splitter LLAMA_3 = patterns(Cl100kScanner.PATTERN);
    private static final Splitter QWEN_2 = patterns(Cl100kScanner.SINGLE_NUMBERS);

    /// The names with which a word that is a token is that token, and a text is begun by a token unless a file says otherwise.
    private static final Set<String> LIKE_LLAMA_3 = Set.of("llama-bpe", "llama3", "llama-v3");

    private static final Map<String, Splitter> SPLITTERS = splitters();

    private GgufSplitters() {}

    private static Map<String, Splitter> splitters() {
        Map<String, Splitter> named = new LinkedHashMap<>();
        named.put("gpt-2", ByteLevelSplitter.gpt2());
        named.put("mpt", ByteLevelSplitter.gpt2());
        named.put("olmo", ByteLevelSplitter.gpt2());
        named.put("phi-2", ByteLevelSplitter.gpt2());
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
        named.put("gpt-4o", patterns(O200kScanner.PATTERN));
        named.put(
                "deepseek-llm",
                patterns("[\r\n]", DEEPSEEK_LETTERS, DEEPSEEK_PUNCTUATION, "\\s+$", DEEPSEEK_SCRIPTS, "\\p{N}+"));
        named.put("deepseek-coder", patterns("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", DEEPSEEK_SCRIPTS, "\\p{N}"));
        named.put("deepseek-v3", patterns("\\p{N}{1,3}", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", DEEPSEEK_3));
        named.put(DEFAULT, patterns("[\\p{P}\\$\\+<=>\\^~\\|]+", Gpt2Scanner.PATTERN, "\\p{N}+", "[0-9][0-9][0-9]"));
        return Collections.unmodifiableMap(named);
    }

    /// Cuts a text by one pattern after the other, each within what those before it left.
    private static Splitter patterns(String... patterns) {
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

    static Set<String> names() {
        return SPLITTERS.keySet();
    }

    /// Whether vocabularies with a splitter take a word that is a token for that token, whatever the merges say, and put a
    /// token before a text unless a file says otherwise.
    static boolean isLikeLlama3(String name) {
        return LIKE_LLAMA_3.contains(name);
    }
}
