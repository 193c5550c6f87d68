package io.localcodemodel.tokenizer;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way from a text to tokens: finds added tokens, and rewrites, cuts and spells what is between them.
final class Pipeline {

    private final @Nullable Normalizer normalizer;
    private final @Nullable Splitter splitter;
    private final TokenModel model;
    private final List<AddedToken> addedTokens;
    private final AddedTokenFinder everyToken;
    private final AddedTokenFinder ordinaryTokens;

    Pipeline(
            @Nullable Normalizer normalizer,
            @Nullable Splitter splitter,
            TokenModel model,
            List<AddedToken> addedTokens) {
        this.normalizer = normalizer;
        this.splitter = splitter;
        this.model = model.hiding(controls(model, addedTokens));
        this.addedTokens = addedTokens;
        this.everyToken = new AddedTokenFinder(addedTokens, normalizer);
        this.ordinaryTokens = new AddedTokenFinder(
                addedTokens.stream().filter(token -> !token.controls()).toList(), normalizer);
    }

    private static BitSet controls(TokenModel model, List<AddedToken> addedTokens) {
        BitSet controls = new BitSet();
        for (AddedToken token : addedTokens) {
            if (token.controls()) {
                model.id(token.content()).ifPresent(controls::set);
            }
        }
        return controls;
    }

    @Nullable
    Normalizer normalizer() {
        return normalizer;
    }

    @Nullable
    Splitter splitter() {
        return splitter;
    }

    TokenModel model() {
        return model;
    }

    /// Appends the tokens of a text to a buffer.
    void encode(Text text, EncodeOptions options, TokenBuffer tokens) {
        encode(text, options, null, tokens);
    }

    /// Appends the tokens of a text to a buffer.
    ///
    /// @param conversation where special tokens and marks of gaps are text in any case, or null if nowhere
    void encode(Text text, EncodeOptions options, @Nullable ConversationPlaces conversation, TokenBuffer tokens) {
        AddedTokenFinder finder = options.parseSpecialTokens() ? everyToken : ordinaryTokens;
        Splitter.Words words = (word, from, to) -> model.encode(word, from, to, tokens);
        if (finder.beforeNormalizing().isEmpty()) {
            normalize(text, 0, text.length(), finder, conversation, words, tokens);
            return;
        }
        AddedTokenMatcher.Cursor cursor = finder.beforeNormalizing().new Cursor(text, 0, text.length(), conversation);
        int at = 0;
        while (cursor.find()) {
            normalize(text, at, cursor.start(), finder, conversation, words, tokens);
            tokens.add(cursor.id(), text, cursor.start(), cursor.end());
            at = cursor.end();
        }
        normalize(text, at, text.length(), finder, conversation, words, tokens);
    }

    private void normalize(
            Text text,
            int from,
            int to,
            AddedTokenFinder finder,
            @Nullable ConversationPlaces conversation,
            Splitter.Words words,
            TokenBuffer tokens) {
        if (from == to) {
            return;
        }
        if (normalizer == null) {
            split(text, from, to, finder, conversation, words, tokens);
        } else {
            Text normalized = normalizer.normalize(text.slice(from, to));
            split(normalized, 0, normalized.length(), finder, conversation, words, tokens);
        }
    }

    private void split(
            Text text,
            int from,
            int to,
            AddedTokenFinder finder,
            @Nullable ConversationPlaces conversation,
            Splitter.Words words,
            TokenBuffer tokens) {
        if (finder.afterNormalizing().isEmpty()) {
            split(text, from, to, words);
            return;
        }
        AddedTokenMatcher.Cursor cursor = finder.afterNormalizing().new Cursor(text, from, to, conversation);
        int at = from;
        while (cursor.find()) {
            split(text, at, cursor.start(), words);
            tokens.add(cursor.id(), text, cursor.start(), cursor.end());
            at = cursor.end();
        }
        split(text, at, to, words);
    }

    private void split(Text text, int from, int to, Splitter.Words words) {
        if (from == to) {
            return;
        }
        if (splitter == null) {
            words.word(text, from, to);
        } else {
            splitter.split(text, from, to, words);
        }
    }

    /// Whether a text may be cut before a space or line feed that follows an ASCII letter, and its parts encoded one
    /// by one.
    boolean mayBeCut() {
        return splitter != null
                && splitter.cutBeforeSpace() == Splitter.CutBeforeSpace.CHANGES_NOTHING
                && (normalizer == null || normalizer.cutsBeforeSpace())
                && addedTokens.stream().noneMatch(Pipeline::mayLieAcrossCut);
    }

    private static boolean mayLieAcrossCut(AddedToken token) {
        String content = token.content();
        for (int i = 1; i < content.length(); i++) {
            if (TextParts.mayCut(content.charAt(i - 1), content.charAt(i))) {
                return true;
            }
        }
        boolean endsWithLetter = TextParts.mayCut(content.charAt(content.length() - 1), ' ');
        boolean beginsWithSpace = TextParts.mayCut('a', content.charAt(0));
        return (token.stripRight() && endsWithLetter) || (token.singleWord() && beginsWithSpace);
    }
}
