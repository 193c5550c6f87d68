package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The ways in which published code models are shown a gap, each with the tokens by which a vocabulary is recognised.
/// A new family is one line here.
///
/// The first whose marks the vocabulary has is taken, so what shares its marks with others comes after them.
enum InfillFamily {
    /// Rozière et al. 2023; its card and `generation.py`: `▁<PRE>`, before, `▁<SUF>`, after, `▁<MID>`, and `▁<EOT>` ends.
    CODE_LLAMA("Code Llama", "▁<PRE>", "▁<SUF>", "▁<MID>", Repository.NONE, "▁<EOT>"),
    /// The same marks as the slow tokenizer writes them.
    CODE_LLAMA_PLAIN("Code Llama", "<PRE>", "<SUF>", "<MID>", Repository.NONE, "<EOT>"),
    /// Guo et al. 2024 and the card: begin, before, hole, after, end.
    DEEPSEEK_CODER(
            "DeepSeek Coder",
            "<｜fim▁begin｜>",
            "<｜fim▁hole｜>",
            "<｜fim▁end｜>",
            Repository.NONE,
            "<｜end▁of▁sentence｜>",
            "<|EOT|>"),
    /// Mistral's `encode_fim`: `[SUFFIX]`, after, `[PREFIX]`, before; nothing comes between before and the gap.
    CODESTRAL("Codestral", "[PREFIX]", "[SUFFIX]", null, Repository.NONE, "</s>"),
    /// Its card; the end of a gap is `<|file_separator|>`.
    CODE_GEMMA(
            "CodeGemma",
            "<|fim_prefix|>",
            "<|fim_suffix|>",
            "<|fim_middle|>",
            Repository.NONE,
            "<|file_separator|>",
            "<eos>"),
    /// Hui et al. 2024 and the card; also the marks of Granite 3 and of vocabularies trained here.
    QWEN_CODER(
            "Qwen Coder",
            "<|fim_prefix|>",
            "<|fim_suffix|>",
            "<|fim_middle|>",
            Repository.QWEN,
            "<|endoftext|>",
            "<|fim_pad|>",
            "<|repo_name|>",
            "<|file_sep|>",
            "<|im_end|>"),
    /// Lozhkov et al. 2024, section 5; the marks are also those of StarCoder, Granite Code and StableCode.
    STAR_CODER(
            "StarCoder",
            "<fim_prefix>",
            "<fim_suffix>",
            "<fim_middle>",
            Repository.STAR_CODER,
            "<|endoftext|>",
            "<fim_pad>",
            "<file_sep>",
            "<repo_name>",
            "<reponame>",
            "<filename>"),
    /// Ben Allal et al. 2023, with hyphens.
    SANTA_CODER(
            "SantaCoder",
            "<fim-prefix>",
            "<fim-suffix>",
            "<fim-middle>",
            Repository.NONE,
            "<|endoftext|>",
            "<fim-pad>");

    /// How the other files of a repository are written down.
    enum Repository {
        NONE,
        /// `<|repo_name|>name⏎<|file_sep|>path⏎content⏎<|file_sep|>path⏎`, then the gap.
        QWEN,
        /// `<repo_name>name<file_sep>path⏎content<file_sep>`, then the gap, before which the path stands again inside.
        STAR_CODER
    }

    private static final Set<String> MARKS = Arrays.stream(values())
            .flatMap(family -> Stream.concat(
                    family.ends.stream(),
                    Stream.of(family.prefix, family.suffix, Objects.requireNonNullElse(family.middle, family.suffix))))
            .collect(Collectors.toUnmodifiableSet());

    private final String label;
    private final String prefix;
    private final String suffix;
    private final @Nullable String middle;
    private final Repository repository;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> ends;

    InfillFamily(
            String label,
            String prefix,
            String suffix,
            @Nullable String middle,
            Repository repository,
            String... ends) {
        this.label = label;
        this.prefix = prefix;
        this.suffix = suffix;
        this.middle = middle;
        this.repository = repository;
        this.ends = List.of(ends);
    }

    String label() {
        return label;
    }

    Repository repository() {
        return repository;
    }

    /// Whether a vocabulary belongs to the family: it has the marks and, where others share them, the first end.
    boolean recognises(Tokenizer tokenizer) {
        boolean marks = tokenizer.id(prefix).isPresent()
                && tokenizer.id(suffix).isPresent()
                && (middle == null || tokenizer.id(middle).isPresent());
        return marks && (this != CODE_GEMMA || tokenizer.id(ends.getFirst()).isPresent());
    }

    int prefix(Tokenizer tokenizer) {
        return tokenizer.id(prefix).orElseThrow();
    }

    int suffix(Tokenizer tokenizer) {
        return tokenizer.id(suffix).orElseThrow();
    }

    /// The mark before the gap, or none.
    OptionalInt middle(Tokenizer tokenizer) {
        return middle == null ? OptionalInt.empty() : tokenizer.id(middle);
    }

    /// The tokens after a filled gap that the vocabulary has.
    List<Integer> ends(Tokenizer tokenizer) {
        List<Integer> ids = new ArrayList<>();
        for (String end : ends) {
            tokenizer.id(end).ifPresent(ids::add);
        }
        return ids;
    }

    /// Whether a token is a mark of a gap or of a repository in any family, or ends a gap.
    static boolean isMark(String token) {
        return MARKS.contains(token);
    }

    /// The marks of all families, for messages.
    static String marks() {
        List<String> all = new ArrayList<>();
        for (InfillFamily family : values()) {
            all.add(family.label + ": " + family.prefix + ", " + family.suffix
                    + (family.middle == null ? "" : ", " + family.middle));
        }
        return String.join("; ", all);
    }
}
