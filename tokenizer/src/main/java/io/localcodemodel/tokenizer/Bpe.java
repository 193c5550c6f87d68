package io.localcodemodel.tokenizer;

import java.util.BitSet;

/// Byte-level BPE: a word is a row of bytes, and pairs are joined by rank until none is left.
///
/// Any text can be spelled if the vocabulary has all 256 bytes; a byte that it lacks is dropped, as in the reference,
/// or becomes the unknown token where there is one. The tokens of single bytes are never hidden: without them a text could
/// not be written. Source: Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2.
public final class Bpe extends MergingModel {

    static final String TYPE = "BPE";

    private final int[] byteIds = new int[256];

    Bpe(Vocabulary vocabulary, MergeTable merges, Settings settings) {
        this(vocabulary, merges, settings, new BitSet());
    }

    private Bpe(Vocabulary vocabulary, MergeTable merges, Settings settings, BitSet hidden) {
        super(vocabulary, merges, settings, hidden, ByteAlphabet::bytesOrNone);
        for (int b = 0; b < 256; b++) {
            byteIds[b] = vocabulary.idOrMinus1(String.valueOf(ByteAlphabet.letter(b)));
        }
    }

    /// Whether a vocabulary has a token for each byte.
    static boolean spellsAllBytes(Vocabulary vocabulary) {
        for (int b = 0; b < 256; b++) {
            if (vocabulary.idOrMinus1(String.valueOf(ByteAlphabet.letter(b))) < 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether some text becomes the unknown token.
    boolean usesUnknown() {
        return settings().unknown() != null && !spellsAllBytes(vocabulary());
    }

    @Override
    Bpe withHidden(BitSet tokens) {
        return new Bpe(vocabulary(), merges(), settings(), tokens);
    }

    @Override
    void addSymbols(byte[] utf8, int from, int to, Spelling spelling) {
        for (int i = from; i < to; i++) {
            int id = byteIds[utf8[i] & 0xFF];
            if (id >= 0) {
                spelling.add(id, i, i + 1);
            } else {
                addUnknown(i, i + 1, spelling);
            }
        }
    }
}
