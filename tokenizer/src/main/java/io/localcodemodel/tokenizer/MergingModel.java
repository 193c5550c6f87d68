package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What all kinds of BPE share: a word becomes a row of symbols, and pairs of neighbours are joined by rank until none is
/// left.
///
/// Source: Sennrich et al. 2016, section 3.2.
abstract sealed class MergingModel extends VocabularyModel permits AffixBpe, Bpe, CharacterBpe {

    private final MergeTable merges;
    private final MergeTable usedMerges;
    private final BitSet hidden;
    private final Settings settings;
    private final int unknownId;
    private final @Nullable TokenBytes words;

    /// @param unknown the token for what the vocabulary lacks, or null if that is left out
    /// @param fuseUnknown whether several of them in a row are one
    /// @param byteFallback whether what the vocabulary lacks becomes its bytes, written `<0x0A>`
    /// @param ignoreMerges whether a word that is a token is that token, whatever the merges make of it
    record Settings(@Nullable String unknown, boolean fuseUnknown, boolean byteFallback, boolean ignoreMerges) {

        static final Settings PLAIN = new Settings(null, false, false, false);
    }

    /// @param hidden the tokens that no word is spelled with
    /// @param bytes the bytes of a text that is a token, or none
    MergingModel(
            Vocabulary vocabulary,
            MergeTable merges,
            Settings settings,
            BitSet hidden,
            Function<String, byte[]> bytes) {
        super(vocabulary);
        this.merges = merges;
        this.usedMerges = merges.without(hidden);
        this.hidden = hidden;
        this.settings = settings;
        this.unknownId = settings.unknown() == null ? -1 : vocabulary.idOrMinus1(settings.unknown());
        this.words = settings.ignoreMerges() ? words(vocabulary, hidden, bytes) : null;
    }

    private static TokenBytes words(Vocabulary vocabulary, BitSet hidden, Function<String, byte[]> bytes) {
        List<byte[]> words = new ArrayList<>(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            words.add(hidden.get(id) ? new byte[0] : bytes.apply(vocabulary.token(id)));
        }
        return new TokenBytes(words);
    }

    /// Appends the symbols that a word begins as.
    abstract void addSymbols(byte[] utf8, int from, int to, Spelling spelling);

    /// Changes the tokens that merging gave.
    void afterMerging(Spelling spelling) {}

    /// Returns the same model with other tokens hidden.
    abstract MergingModel withHidden(BitSet tokens);

    @Override
    public final TokenModel hiding(BitSet tokens) {
        return tokens.equals(hidden) ? this : withHidden((BitSet) tokens.clone());
    }

    @Override
    final Speller speller() {
        Merger merger = new Merger(usedMerges);
        return (utf8, from, to, spelling) -> {
            int whole = words == null ? -1 : words.find(utf8, from, to);
            if (whole >= 0) {
                spelling.add(whole, from, to);
            } else {
                addSymbols(utf8, from, to, spelling);
                spelling.merge(merger);
                afterMerging(spelling);
            }
        };
    }

    /// Appends what stands for something that the vocabulary lacks.
    final void addUnknown(int from, int to, Spelling spelling) {
        spelling.addUnknown(unknownId, settings.fuseUnknown(), from, to);
    }

    /// Returns the id of the unknown token, or -1.
    final int unknownId() {
        return unknownId;
    }

    final boolean isHidden(int id) {
        return hidden.get(id);
    }

    final MergeTable merges() {
        return merges;
    }

    final Settings settings() {
        return settings;
    }

    @Override
    public Map<String, Object> json() {
        return BpeJson.write(vocabulary(), merges, settings);
    }
}
