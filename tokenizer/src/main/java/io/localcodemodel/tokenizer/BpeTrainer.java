package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(BpeTrainer.class);
    private static final int STEPS_PER_REPORT = 256;

    private final int vocabularySize;
    private final List<String> specialTokens;
    private final int minimumFrequency;
    private final int workers;
    private final boolean allBytes;
    private final Splitter splitter;
    private final Consumer<BpeProgress> progress;
    private final BooleanSupplier cancelled;

    private BpeTrainer(Builder builder) {
        this.vocabularySize = builder.vocabularySize;
        this.specialTokens = List.copyOf(builder.specialTokens);
        this.minimumFrequency = builder.minimumFrequency;
        this.workers = builder.workers;
        this.allBytes = builder.allBytes;
        this.splitter = builder.splitter;
        this.progress = builder.progress;
        this.cancelled = builder.cancelled;
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
    /// @throws CancellationException if the training was cancelled
    public Tokenizer train(Iterable<String> texts) {
        WordCounts words = new WordCounter(
                        splitter, texts, cancelled, read -> progress.accept(new BpeProgress.Counting(read)))
                .count(workers);
        if (words.size() == 0) {
            throw new IllegalArgumentException(
                    "Cannot train a tokenizer on nothing: the corpus has no text. Check the folder or pattern it was"
                            + " read from.");
        }
        List<String> tokens = new ArrayList<>(specialTokens);
        int[] byteIds = addBytes(words, tokens);
        MergeTable.Builder merges = new MergeTable.Builder(vocabularySize);
        learn(new BpeLearner(words, tokens, byteIds), merges);
        if (tokens.size() < vocabularySize) {
            LOG.info(
                    "The corpus has pairs for {} tokens only, not for the {} asked for", tokens.size(), vocabularySize);
        }
        return tokenizer(tokens, merges.build());
    }

    private void learn(BpeLearner learner, MergeTable.Builder merges) {
        while (learner.vocabularySize() < vocabularySize && learner.step(minimumFrequency, merges)) {
            if (merges.size() % STEPS_PER_REPORT == 0) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("Training the tokenizer was cancelled while merging pairs");
                }
                progress.accept(new BpeProgress.Merging(learner.vocabularySize(), vocabularySize));
            }
        }
        progress.accept(new BpeProgress.Merging(learner.vocabularySize(), vocabularySize));
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
    public static final class Builder {

        private int vocabularySize = DEFAULT_VOCABULARY_SIZE;
        private List<String> specialTokens = DEFAULT_SPECIAL_TOKENS;
        private int minimumFrequency = DEFAULT_MINIMUM_FREQUENCY;
        private int workers = Runtime.getRuntime().availableProcessors();
        private boolean allBytes = true;
        private Splitter splitter = ByteLevelSplitter.gpt2();
        private Consumer<BpeProgress> progress = step -> {};
        private BooleanSupplier cancelled = () -> false;
        private final BuilderProblems problems = new BuilderProblems("BpeTrainer");

        private Builder() {}

        /// Sets how many tokens there shall be, special tokens and bytes among them.
        public Builder vocabularySize(int tokens) {
            problems.once("vocabularySize");
            vocabularySize = tokens;
            return this;
        }

        /// Sets the special tokens in the order of their ids; none at all if called without arguments.
        public Builder specialTokens(String... tokens) {
            problems.once("specialTokens");
            specialTokens = List.of(tokens);
            return this;
        }

        /// Sets how often a pair must occur to be merged.
        public Builder minimumFrequency(int times) {
            problems.once("minimumFrequency");
            minimumFrequency = times;
            return this;
        }

        /// Sets how many threads count words, the caller's among them.
        public Builder workers(int threads) {
            problems.once("workers");
            workers = threads;
            return this;
        }

        /// Sets whether the vocabulary has all 256 bytes, so that it can spell any text, or only those of the corpus.
        public Builder allBytes(boolean all) {
            problems.once("allBytes");
            allBytes = all;
            return this;
        }

        /// Sets how texts are cut into words, which merges never cross. It must be byte-level.
        public Builder splitter(Splitter stage) {
            problems.once("splitter");
            splitter = stage;
            return this;
        }

        /// Sets who hears how far the training has come, on the thread that called [BpeTrainer#train].
        public Builder progress(Consumer<BpeProgress> listener) {
            problems.once("progress");
            progress = listener;
            return this;
        }

        /// Sets what is asked from time to time, on any of the threads, whether to give up.
        public Builder cancelledWhen(BooleanSupplier condition) {
            problems.once("cancelledWhen");
            cancelled = condition;
            return this;
        }

        /// Returns the trainer.
        ///
        /// @throws IllegalStateException if settings are out of range, set twice or do not fit each other
        public BpeTrainer build() {
            Set<String> different = new HashSet<>();
            for (String token : specialTokens) {
                if (token.isEmpty() || token.codePointCount(0, token.length()) == 1) {
                    problems.add("a special token needs at least two characters: \"" + token + "\"");
                }
                if (Utf8.hasLoneSurrogate(token)) {
                    problems.add("a special token must not hold half a surrogate pair");
                }
                if (!different.add(token)) {
                    problems.add("the special token \"" + token + "\" is given twice");
                }
            }
            int least = specialTokens.size() + (allBytes ? 256 : 1);
            if (vocabularySize < least || vocabularySize > Vocabulary.MAXIMUM_SIZE) {
                problems.add("vocabularySize must be from %d (%d special tokens + %d bytes) to %d: %d"
                        .formatted(
                                least,
                                specialTokens.size(),
                                least - specialTokens.size(),
                                Vocabulary.MAXIMUM_SIZE,
                                vocabularySize));
            }
            if (minimumFrequency < 1) {
                problems.add("minimumFrequency must be at least 1: " + minimumFrequency);
            }
            if (workers < 1) {
                problems.add("workers must be at least 1: " + workers);
            }
            if (!splitter.byteLevel()) {
                problems.add("splitter must be byte-level, for instance with a ByteLevelSplitter as its last part: "
                        + splitter);
            }
            problems.refuse();
            return new BpeTrainer(this);
        }
    }
}
