package io.localcodemodel.tokenizer;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps that all training has in common: words are counted, on several threads; then merges are learned from the
/// counts.
///
/// @param vocabularySize how many tokens there shall be
/// @param minimumFrequency pairs that occur more rarely are not merged
/// @param workers how many threads count, the caller's among them
record VocabularyLearning(
        int vocabularySize,
        int minimumFrequency,
        int workers,
        Consumer<BpeProgress> progress,
        BooleanSupplier cancelled) {

    private static final Logger LOG = LoggerFactory.getLogger(VocabularyLearning.class);
    private static final int STEPS_PER_REPORT = 256;

    /// Counts the words of a corpus.
    ///
    /// @throws IllegalArgumentException if there is no word at all
    /// @throws CancellationException if the training was cancelled
    WordCounts count(@Nullable Normalizer normalizer, Splitter splitter, Iterable<String> texts) {
        WordCounts words = new WordCounter(
                        normalizer, splitter, texts, cancelled, read -> progress.accept(new BpeProgress.Counting(read)))
                .count(workers);
        if (words.size() == 0) {
            throw new IllegalArgumentException(
                    "Cannot train a tokenizer on nothing: the corpus has no text. Check the folder or pattern it was"
                            + " read from.");
        }
        return words;
    }

    /// Learns merges until the vocabulary is large enough or no pair is left.
    ///
    /// @param symbols what each word begins as
    /// @param tokens the tokens there are; those that are learned are added
    /// @param prefix what tokens that go on within a word begin with; may be empty
    /// @throws CancellationException if the training was cancelled
    MergeTable learn(WordCounts words, int[] symbols, List<String> tokens, String prefix) {
        BpeLearner learner = new BpeLearner(words, symbols, tokens, prefix);
        MergeTable.Builder merges = new MergeTable.Builder(vocabularySize);
        while (tokens.size() < vocabularySize && learner.step(minimumFrequency, merges)) {
            if (merges.size() % STEPS_PER_REPORT == 0) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("Training the tokenizer was cancelled while merging pairs");
                }
                progress.accept(new BpeProgress.Merging(tokens.size(), vocabularySize));
            }
        }
        progress.accept(new BpeProgress.Merging(tokens.size(), vocabularySize));
        if (tokens.size() < vocabularySize) {
            LOG.info(
                    "The corpus has pairs for {} tokens only, not for the {} asked for", tokens.size(), vocabularySize);
        }
        return merges.build();
    }
}
