package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Tokenizers whose vocabulary is the characters of a text: the smallest that work, and the first to learn from.
///
/// They are BPE models without merges, and saved as such.
public final class CharacterTokenizer {

    /// Stands for characters that the vocabulary lacks: the replacement character of Unicode.
    public static final String UNKNOWN = "\uFFFD";

    /// Stands between texts.
    public static final String END_OF_TEXT = "<|endoftext|>";

    private CharacterTokenizer() {}

    /// Returns a tokenizer for the characters that occur in texts, in the order of their code points, after the
    /// end-of-text token and the unknown character.
    ///
    /// @throws IllegalArgumentException if there is no text at all
    public static Tokenizer of(Iterable<String> texts) {
        TreeSet<Integer> characters = new TreeSet<>();
        for (String text : texts) {
            Text.of(text).string().codePoints().forEach(characters::add);
        }
        if (characters.isEmpty()) {
            throw new IllegalArgumentException("Cannot make a tokenizer of characters from no text at all");
        }
        characters.remove(UNKNOWN.codePointAt(0));
        List<String> tokens = new ArrayList<>(List.of(END_OF_TEXT, UNKNOWN));
        for (int character : characters) {
            tokens.add(Character.toString(character));
        }
        MergeTable noMerges = new MergeTable.Builder(0).build();
        return Tokenizer.builder()
                .model(new CharacterBpe(
                        Vocabulary.of(tokens), noMerges, new MergingModel.Settings(UNKNOWN, false, false, false)))
                .decoder(new FuseDecoder())
                .addedToken(AddedToken.special(END_OF_TEXT, 0))
                .build();
    }

    /// Returns a tokenizer for the characters that occur in a text.
    public static Tokenizer of(String text) {
        return of(List.of(text));
    }
}
