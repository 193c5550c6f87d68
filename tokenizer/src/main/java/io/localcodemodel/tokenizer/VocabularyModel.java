package io.localcodemodel.tokenizer;

import java.util.OptionalInt;

/// What all models share: a vocabulary, and tokens of a word that depend on the word alone, so that a word seen before need
/// not be spelled again.
abstract sealed class VocabularyModel implements TokenModel permits MergingModel, Unigram, WordPiece {

    private final Vocabulary vocabulary;

    VocabularyModel(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    final Vocabulary vocabulary() {
        return vocabulary;
    }

    /// Returns what one thread spells words with.
    abstract Speller speller();

    @Override
    public void encode(Text text, int from, int to, TokenBuffer tokens) {
        spelling(tokens).encode(text, from, to, tokens);
    }

    final Spelling spelling(TokenBuffer tokens) {
        return tokens.scratch(this, Spelling.class, this::newSpelling);
    }

    private Spelling newSpelling() {
        return new Spelling(speller());
    }

    @Override
    public final int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public final OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public final String token(int id) {
        return vocabulary.token(id);
    }
}
