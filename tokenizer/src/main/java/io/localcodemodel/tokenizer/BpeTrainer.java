package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Learns a byte-level BPE tokenizer from texts.
///
/// ```java
/// Tokenizer tokenizer = BpeTrainer.builder().vocabularySize(4096).build().train(List.of("int x = 1;"));
/// ```
///
/// Words are counted first, on several threads; then the merges are learned from the counts, so memory depends on how
/// many different words there are and not on the length of the corpus. The result is exact and does not depend on the
/// number of threads: of pairs that occur equally often the one with the lowest ids is merged first, which is also
/// the rule of the trainer of the Hugging Face library.
///
/// Ids are given to the special tokens first, then to the bytes, then to the merged tokens in the order in which they
/// were learned; a smaller vocabulary is thus the beginning of a larger one.
///
/// A trainer is immutable and may be used many times.
public final class BpeTrainer {

    /// A size that suits models of a few million parameters: large enough that code takes a third of the tokens its
    /// bytes would, small enough that the output layer does not dwarf the rest.
    public static final int DEFAULT_VOCABULARY_SIZE = 4096;

    /// The end of a document, and the three marks with which a model learns to fill gaps. The names are those of
    /// Qwen-Coder and StarCoder 2, so that other software knows them.
    public static final List<String> DEFAULT_SPECIAL_TOKENS =
            List.of("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>");

    /// A pair that occurs once is no regularity, but a small corpus may have nothing better; as in other trainers,
    /// such pairs are merged last.
    public static final int DEFAULT_MINIMUM_FREQUENCY = 1;

    private final VocabularyLearning learning;
    private final List<String> specialTokens;
    private final boolean allBytes;
    private final Splitter splitter;

    private BpeTrainer(Builder builder, VocabularyLearning learning) {
        this.learning = learning;
        this.specialTokens = List.copyOf(builder.specialTokens);
        this.allBytes = builder.allBytes;
        this.splitter = builder.splitter;
    }

    /// Begins a trainer.
    public static Builder builder() {
        return new Builder();
    }

    /// Learns a tokenizer.
    ///
    /// The vocabulary is smaller than asked for if the texts run out of pairs first.
    ///
    /// @param texts the corpus; gone through once
    /// @throws IllegalArgumentException if there is no text at all
    /// @throws java.util.concurrent.CancellationException if the training was cancelled
    public Tokenizer train(Iterable<String> texts) {
        WordCounts words = learning.count(null, splitter, texts);
        List<String> tokens = new ArrayList<>(specialTokens);
        int[] byteIds = addBytes(words, tokens);
        int[] symbols = new int[words.bytes()];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = byteIds[words.at(i) & 0xFF];
        }
        return tokenizer(tokens, learning.learn(words, symbols, tokens, ""));
    }

    /// Adds the bytes in the order of their letters, as the reference does, and returns the id of each.
    private int[] addBytes(WordCounts words, List<String> tokens) {
        boolean[] wanted = new boolean[256];
        Arrays.fill(wanted, allBytes);
        for (int i = 0; i < words.bytes(); i++) {
            wanted[words.at(i) & 0xFF] = true;
        }
        int[] byteIds = new int[256];
        Arrays.fill(byteIds, -1);
        for (char letter = 0; letter < 0x200; letter++) {
            int value = ByteAlphabet.value(letter);
            if (value >= 0 && wanted[value]) {
                byteIds[value] = tokens.size();
                tokens.add(String.valueOf(letter));
            }
        }
        return byteIds;
    }

    private Tokenizer tokenizer(List<String> tokens, MergeTable merges) {
        Tokenizer.Builder tokenizer = Tokenizer.builder()
                .splitter(splitter)
                .model(new Bpe(Vocabulary.of(tokens), merges, MergingModel.Settings.PLAIN))
                .decoder(new ByteLevelDecoder(true, true, true))
                // the marks of a gap mean nothing before a model has been trained with them
                .config(TokenizerConfig.EMPTY.withInfilling(false));
        for (int id = 0; id < specialTokens.size(); id++) {
            tokenizer.addedToken(AddedToken.special(specialTokens.get(id), id));
        }
        return tokenizer.build();
    }

    /// The settings of a trainer. All have defaults.
    public static final class Builder extends TrainerBuilder<Builder> {

        private boolean allBytes = true;

        private Builder() {
            super("BpeTrainer", DEFAULT_VOCABULARY_SIZE, DEFAULT_SPECIAL_TOKENS, ByteLevelSplitter.gpt2());
        }

        @Override
        Builder self() {
            return this;
        }

        /// Sets whether the vocabulary has all 256 bytes, so that it can spell any text, or only those of the corpus.
        public Builder allBytes(boolean all) {
            problems.once("allBytes");
            allBytes = all;
            return this;
        }

        /// Returns the trainer.
        ///
        /// @throws IllegalArgumentException if settings are out of range, set twice or do not fit each other
        public BpeTrainer build() {
            if (!splitter.byteLevel()) {
                problems.add("splitter must be byte-level, for instance with a ByteLevelSplitter as its last part: "
                        + splitter);
            }
            return new BpeTrainer(this, learning(allBytes ? 256 : 1, "bytes"));
        }
    }
}
