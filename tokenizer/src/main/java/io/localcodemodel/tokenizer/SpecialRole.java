package io.localcodemodel.tokenizer;

import java.util.List;

/// What a special token means to a model.
///
/// The file of a tokenizer lists its special tokens but not what they are for. A role is therefore recognised by the
/// names that published vocabularies use, in the order given here.
public enum SpecialRole {
    /// Comes before a text.
    BEGIN_OF_TEXT(
            "<|begin_of_text|>",
            "<s>",
            "<bos>",
            "<｜begin▁of▁sentence｜>",
            "<|startoftext|>",
            "[BOS]",
            "[CLS]",
            "<|endoftext|>"),
    /// Ends a text, and stands between the documents of a corpus.
    END_OF_TEXT(
            "<|endoftext|>",
            "<|end_of_text|>",
            "</s>",
            "<eos>",
            "<｜end▁of▁sentence｜>",
            "<|end▁of▁sentence|>",
            "[EOS]",
            "<EOT>",
            "[SEP]"),
    /// Fills up a batch.
    PADDING("<|pad|>", "<pad>", "[PAD]", "<|fim_pad|>", "<fim_pad>", "<|finetune_right_pad_id|>"),
    /// Stands for what the vocabulary cannot spell.
    UNKNOWN("<unk>", "[UNK]", "<|unk|>", "\uFFFD"),
    /// Stands for a token to be guessed.
    MASK("<mask>", "[MASK]"),
    /// Comes before the text before a gap, when a model fills gaps.
    INFILL_PREFIX("<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "[PREFIX]"),
    /// Comes before the text after a gap.
    INFILL_SUFFIX("<|fim_suffix|>", "<fim_suffix>", "<fim-suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "[SUFFIX]"),
    /// Comes before the text that fills a gap.
    INFILL_MIDDLE("<|fim_middle|>", "<fim_middle>", "<fim-middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "[MIDDLE]"),
    /// Comes before the name of a repository.
    REPOSITORY_NAME("<|repo_name|>", "<repo_name>", "<reponame>"),
    /// Comes before a file of a repository.
    FILE_SEPARATOR("<|file_sep|>", "<file_sep>", "<|file_separator|>", "<filename>");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> names;

    SpecialRole(String... names) {
        this.names = List.of(names);
    }

    /// Returns the names by which the role is recognised, the commonest first.
    public List<String> names() {
        return names;
    }
}
