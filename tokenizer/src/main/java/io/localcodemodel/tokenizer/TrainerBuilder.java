package io.localcodemodel.tokenizer;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// The settings that the trainers of vocabularies have in common. All have defaults.
///
/// @param <B> the builder itself
public abstract sealed class TrainerBuilder<B extends TrainerBuilder<B>>
        permits BpeTrainer.Builder, WordPieceTrainer.Builder {

    final BuilderProblems problems;
    List<String> specialTokens;
    Splitter splitter;
    private int vocabularySize;
    private int minimumFrequency = BpeTrainer.DEFAULT_MINIMUM_FREQUENCY;
    private int workers = Runtime.getRuntime().availableProcessors();
    private Consumer<BpeProgress> progress = step -> {};
    private BooleanSupplier cancelled = () -> false;

    TrainerBuilder(String trainer, int vocabularySize, List<String> specialTokens, Splitter splitter) {
        this.problems = new BuilderProblems(trainer);
        this.vocabularySize = vocabularySize;
        this.specialTokens = specialTokens;
        this.splitter = splitter;
    }

    abstract B self();

    /// Sets how many tokens there shall be, special tokens and those that words begin as among them.
    public final B vocabularySize(int tokens) {
        problems.once("vocabularySize");
        vocabularySize = tokens;
        return self();
    }

    /// Sets the special tokens in the order of their ids; none at all if called without arguments.
    public final B specialTokens(String... tokens) {
        problems.once("specialTokens");
        specialTokens = List.of(tokens);
        return self();
    }

    /// Sets how often a pair must occur to be merged.
    public final B minimumFrequency(int times) {
        problems.once("minimumFrequency");
        minimumFrequency = times;
        return self();
    }

    /// Sets how many threads count words, the caller's among them.
    public final B workers(int threads) {
        problems.once("workers");
        workers = threads;
        return self();
    }

    /// Sets how texts are cut into words, which merges never cross.
    public final B splitter(Splitter stage) {
        problems.once("splitter");
        splitter = stage;
        return self();
    }

    /// Sets who hears how far the training has come, on the thread that trains.
    public final B progress(Consumer<BpeProgress> listener) {
        problems.once("progress");
        progress = listener;
        return self();
    }

    /// Sets what is asked from time to time, on any of the threads, whether to give up.
    public final B cancelledWhen(BooleanSupplier condition) {
        problems.once("cancelledWhen");
        cancelled = condition;
        return self();
    }

    /// Checks what is common and refuses all problems together.
    ///
    /// @param symbols how many tokens words begin as, at least
    /// @param what what these are, for a message
    final VocabularyLearning learning(int symbols, String what) {
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
        int least = specialTokens.size() + symbols;
        if (vocabularySize < least || vocabularySize > Vocabulary.MAXIMUM_SIZE) {
            problems.add("vocabularySize must be from %d (%d special tokens + %d %s) to %d: %d"
                    .formatted(least, specialTokens.size(), symbols, what, Vocabulary.MAXIMUM_SIZE, vocabularySize));
        }
        if (minimumFrequency < 1) {
            problems.add("minimumFrequency must be at least 1: " + minimumFrequency);
        }
        if (workers < 1) {
            problems.add("workers must be at least 1: " + workers);
        }
        problems.refuse();
        return new VocabularyLearning(vocabularySize, minimumFrequency, workers, progress, cancelled);
    }
}
