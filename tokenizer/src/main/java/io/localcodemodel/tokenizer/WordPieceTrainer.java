package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Learns a WordPiece tokenizer, the kind that BERT has, from texts.
///
/// ```java
/// Tokenizer tokenizer = WordPieceTrainer.builder().vocabularySize(8192).build().train(List.of("int x = 1;"));
/// ```
///
/// The tokens are learned as those of [BpeTrainer] are, by merging the pair that occurs most often: a word begins as its
/// characters, of which those after the first are written `##x`. That is how the Hugging Face library trains WordPiece; the
/// trainer of the original (Schuster and Nakajima 2012), which goes by likelihood, was never published.
///
/// Words of more than [WordPiece#LONGEST_WORD] characters, which the model never spells, do not count.
///
/// Ids are given to the special tokens first, then to all characters in the order of their code points, then to those that
/// continue a word, then to merged tokens. The result does not depend on the number of threads. (In the library the ids of the
/// continuing characters, and so which of equally frequent pairs comes first, change from run to run.)
///
/// A trainer is immutable and may be used many times.
public final class WordPieceTrainer {

    /// As with [BpeTrainer#DEFAULT_VOCABULARY_SIZE], for models of a few million parameters.
    public static final int DEFAULT_VOCABULARY_SIZE = 8192;

    private static final String UNKNOWN = "[UNK]";
    private static final String CLASSIFIER = "[CLS]";
    private static final String SEPARATOR = "[SEP]";

    /// The special tokens of BERT.
    public static final List<String> DEFAULT_SPECIAL_TOKENS =
            List.of("[PAD]", UNKNOWN, CLASSIFIER, SEPARATOR, "[MASK]");

    private final VocabularyLearning learning;
    private final List<String> specialTokens;
    private final @Nullable Normalizer normalizer;
    private final Splitter splitter;

    private WordPieceTrainer(Builder builder, VocabularyLearning learning) {
        this.learning = learning;
        this.specialTokens = List.copyOf(builder.specialTokens);
        this.normalizer = builder.normalizer;
        this.splitter = builder.splitter;
    }

    /// Begins a trainer.
    public static Builder builder() {
        return new Builder();
    }

    /// Learns a tokenizer. It frames texts as BERT does, `[CLS] text [SEP]`, where both tokens are among the special ones.
    ///
    /// The vocabulary is smaller than asked for if the texts run out of pairs first.
    ///
    /// @param texts the corpus; gone through once
    /// @throws IllegalArgumentException if there is no text at all, or it has more different characters than there
    ///     shall be tokens
    /// @throws java.util.concurrent.CancellationException if the training was cancelled
    public Tokenizer train(Iterable<String> texts) {
        return train(texts, List.of());
    }

    /// Learns a tokenizer.
    ///
    /// @param first tokens of single characters that come before the others
    Tokenizer train(Iterable<String> texts, List<String> first) {
        WordCounts words = learning.count(normalizer, splitter, texts);
        List<String> tokens = new ArrayList<>(specialTokens);
        tokens.addAll(first);
        int[] symbols = symbols(words, tokens);
        if (tokens.size() > learning.vocabularySize()) {
            throw new IllegalArgumentException(
                    "The special tokens and the characters of the corpus, alone and within words, are %d tokens;"
                                    .formatted(tokens.size())
                            + " vocabularySize must not be less: " + learning.vocabularySize());
        }
        learning.learn(words, symbols, tokens, WordPiece.PREFIX);
        return tokenizer(tokens);
    }

    /// Adds the characters of the corpus to the tokens and returns what each word begins as.
    private static int[] symbols(WordCounts words, List<String> tokens) {
        BitSet characters = new BitSet();
        BitSet within = new BitSet();
        for (int word = 0; word < words.size(); word++) {
            int length = 0;
            for (int i = words.start(word); i < words.end(word); i += Utf8.length(words.at(i))) {
                characters.set(words.codePoint(i));
                if (i > words.start(word)) {
                    within.set(words.codePoint(i));
                }
                length++;
            }
            if (length > WordPiece.LONGEST_WORD) {
                words.forget(word);
            }
        }
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        int[] beginning = add("", characters, tokens, ids);
        int[] going = add(WordPiece.PREFIX, within, tokens, ids);
        int[] symbols = new int[words.bytes()];
        Arrays.fill(symbols, BpeLearner.GONE);
        for (int word = 0; word < words.size(); word++) {
            for (int i = words.start(word); i < words.end(word); i += Utf8.length(words.at(i))) {
                symbols[i] = (i == words.start(word) ? beginning : going)[words.codePoint(i)];
            }
        }
        return symbols;
    }

    /// Returns the token of each character, which is new if need be.
    private static int[] add(String prefix, BitSet characters, List<String> tokens, Map<String, Integer> ids) {
        int[] added = new int[characters.length()];
        characters.stream().forEach(character -> {
            String token = prefix + Character.toString(character);
            Integer known = ids.putIfAbsent(token, tokens.size());
            added[character] = known == null ? tokens.size() : known;
            if (known == null) {
                tokens.add(token);
            }
        });
        return added;
    }

    private Tokenizer tokenizer(List<String> tokens) {
        Tokenizer.Builder tokenizer = Tokenizer.builder()
                .normalizer(normalizer)
                .splitter(splitter)
                .model(WordPiece.of(tokens, UNKNOWN))
                .decoder(new WordPieceDecoder(WordPiece.PREFIX, true));
        int classifier = specialTokens.indexOf(CLASSIFIER);
        int separator = specialTokens.indexOf(SEPARATOR);
        if (classifier >= 0 && separator >= 0) {
            tokenizer.postProcessor(new BertPostProcessor(
                    new NamedToken(SEPARATOR, separator), new NamedToken(CLASSIFIER, classifier)));
        }
        for (int id = 0; id < specialTokens.size(); id++) {
            tokenizer.addedToken(AddedToken.special(specialTokens.get(id), id));
        }
        return tokenizer.build();
    }

    /// The settings of a trainer. All have defaults.
    public static final class Builder extends TrainerBuilder<Builder> {

        // code tells large letters from small ones, and accents
        private @Nullable Normalizer normalizer = new BertNormalizer(true, true, false, false);

        private Builder() {
            super("WordPieceTrainer", DEFAULT_VOCABULARY_SIZE, DEFAULT_SPECIAL_TOKENS, new BertSplitter());
        }

        @Override
        Builder self() {
            return this;
        }

        /// Sets how texts are rewritten first, or null if they are not.
        ///
        /// The default is that of cased BERT: controls are dropped, and Chinese characters are words of their own.
        public Builder normalizer(@Nullable Normalizer stage) {
            problems.once("normalizer");
            normalizer = stage;
            return this;
        }

        /// Returns the trainer.
        ///
        /// @throws IllegalArgumentException if settings are out of range, set twice or do not fit each other
        public WordPieceTrainer build() {
            if (!specialTokens.contains(UNKNOWN)) {
                problems.add("specialTokens must have " + UNKNOWN + ": " + specialTokens);
            }
            if (splitter.byteLevel()) {
                problems.add("splitter must not be byte-level, since tokens are made of characters: " + splitter);
            }
            return new WordPieceTrainer(this, learning(1, "characters"));
        }
    }
}
