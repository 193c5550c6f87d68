package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The model of BERT: a word is spelled by the longest token that it begins with, then the longest that goes on, and
/// so forth.
///
/// Tokens that go on are written with a prefix, as in `##ing`. A word that cannot be spelled to its end, or is too
/// long, becomes the unknown token as a whole. Source: Schuster and Nakajima 2012; `WordpieceTokenizer` of BERT.
public final class WordPiece extends VocabularyModel {

    static final String TYPE = "WordPiece";
    static final String PREFIX = "##";

    /// Longer words are unknown, as in BERT.
    public static final int LONGEST_WORD = 100;

    private final String unknown;
    private final int unknownId;
    private final String prefix;
    private final int longestWord;
    private final BitSet hidden;
    private final PieceTrie beginnings;
    private final PieceTrie continuations;

    private WordPiece(Vocabulary vocabulary, String unknown, String prefix, int longestWord, BitSet hidden) {
        super(vocabulary);
        this.unknown = unknown;
        this.unknownId = vocabulary.idOrMinus1(unknown);
        this.prefix = prefix;
        this.longestWord = longestWord;
        this.hidden = hidden;
        List<byte[]> whole = new ArrayList<>(vocabulary.size());
        List<byte[]> rest = new ArrayList<>(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = hidden.get(id) ? "" : vocabulary.token(id);
            whole.add(token.getBytes(StandardCharsets.UTF_8));
            rest.add(
                    token.startsWith(prefix)
                            ? token.substring(prefix.length()).getBytes(StandardCharsets.UTF_8)
                            : new byte[0]);
        }
        this.beginnings = new PieceTrie(whole);
        this.continuations = prefix.isEmpty() ? beginnings : new PieceTrie(rest);
    }

    /// Makes a model of a list of tokens, as the `vocab.txt` of BERT has them, one a line.
    ///
    /// @param tokens the tokens in the order of their ids
    /// @param unknown the one that stands for words that cannot be spelled
    /// @throws IllegalArgumentException if a token occurs twice, is too long, or the unknown one is not among them
    public static WordPiece of(List<String> tokens, String unknown) {
        Vocabulary vocabulary = Vocabulary.of(tokens);
        if (vocabulary.idOrMinus1(unknown) < 0) {
            throw new IllegalArgumentException("The unknown token \"%s\" is not among the tokens".formatted(unknown));
        }
        int tooLong = vocabulary.firstLongerThan(SentencePieces.LONGEST_PIECE);
        if (tooLong >= 0) {
            throw new IllegalArgumentException(
                    "The token with id %d has more than %d bytes".formatted(tooLong, SentencePieces.LONGEST_PIECE));
        }
        return new WordPiece(vocabulary, unknown, PREFIX, LONGEST_WORD, new BitSet());
    }

    static WordPiece of(JsonFields fields) throws TokenizerFormatException {
        Vocabulary vocabulary = Vocabulary.of(fields.object("vocab"));
        int tooLong = vocabulary.firstLongerThan(SentencePieces.LONGEST_PIECE);
        if (tooLong >= 0) {
            throw fields.refuse(
                    "vocab",
                    "tokens of at most " + SentencePieces.LONGEST_PIECE + " bytes",
                    "a longer one with id " + tooLong);
        }
        String unknown = fields.string("unk_token", "[UNK]");
        if (vocabulary.idOrMinus1(unknown) < 0) {
            throw fields.refuse("unk_token", "a token of the vocabulary", JsonFields.describe(unknown));
        }
        int longestWord = fields.integer("max_input_chars_per_word", LONGEST_WORD);
        if (longestWord < 0) {
            throw fields.refuse("max_input_chars_per_word", "0 or more");
        }
        String prefix = fields.string("continuing_subword_prefix", PREFIX);
        return new WordPiece(vocabulary, unknown, prefix, longestWord, new BitSet());
    }

    @Override
    public TokenModel hiding(BitSet tokens) {
        return tokens.equals(hidden)
                ? this
                : new WordPiece(vocabulary(), unknown, prefix, longestWord, (BitSet) tokens.clone());
    }

    @Override
    Speller speller() {
        return this::spell;
    }

    private void spell(byte[] utf8, int from, int to, Spelling spelling) {
        boolean known = to - from <= longestWord || codePoints(utf8, from, to) <= longestWord;
        for (int at = from; at < to && known; ) {
            long found = (at == from ? beginnings : continuations).longest(utf8, at, to);
            known = found >= 0;
            if (known) {
                spelling.add((int) found, at, PieceTrie.end(found));
                at = PieceTrie.end(found);
            }
        }
        if (!known) {
            spelling.clear();
            spelling.add(unknownId, from, to);
        }
    }

    private static int codePoints(byte[] utf8, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += Utf8.isContinuation(utf8[i]) ? 0 : 1;
        }
        return count;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("unk_token", unknown);
        json.put("continuing_subword_prefix", prefix);
        json.put("max_input_chars_per_word", longestWord);
        json.put("vocab", vocabulary().json());
        return json;
    }
}
