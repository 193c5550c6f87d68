package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// BPE over characters, as SentencePiece does it: a word is a row of characters, and a character that the vocabulary
/// lacks becomes its bytes, written `<0x0A>`, or the unknown token, or nothing.
///
/// Pieces that a user defined are found before anything is spelled, the longest first, and are never part of a merge. Pieces
/// that are unused are merged, and taken apart again.
///
/// With no merges it is a vocabulary of characters, see [CharacterTokenizer].
public final class CharacterBpe extends MergingModel {

    private final int[] asciiIds = new int[128];
    private final Map<Integer, Integer> characterIds = new HashMap<>();
    private final int[] byteIds = new int[256];

    private final BitSet defined;
    private final BitSet unused;
    private final @Nullable UnusedPieces unusedPieces;
    private final @Nullable PieceTrie definedPieces;
    private final @Nullable MergeBoundaries boundaries;

    CharacterBpe(Vocabulary vocabulary, MergeTable merges, Settings settings) {
        this(vocabulary, merges, settings, new BitSet(), new BitSet());
    }

    /// @param defined the pieces that a user defined; no merge has one of them
    /// @param unused the pieces that are merged but not given
    CharacterBpe(Vocabulary vocabulary, MergeTable merges, Settings settings, BitSet defined, BitSet unused) {
        this(vocabulary, merges, settings, defined, unused, new BitSet());
    }

    private CharacterBpe(
            Vocabulary vocabulary, MergeTable merges, Settings settings, BitSet defined, BitSet unused, BitSet hidden) {
        super(vocabulary, merges, settings, hidden, token -> token.getBytes(StandardCharsets.UTF_8));
        this.defined = defined;
        this.unused = unused;
        this.definedPieces = defined.isEmpty() ? null : pieces(vocabulary, defined, hidden);
        Arrays.fill(asciiIds, -1);
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            if (!hidden.get(id) && !token.isEmpty() && token.codePointCount(0, token.length()) == 1) {
                int character = token.codePointAt(0);
                if (character < 128) {
                    asciiIds[character] = id;
                } else {
                    characterIds.put(character, id);
                }
            }
        }
        for (int b = 0; b < 256; b++) {
            byteIds[b] = settings.byteFallback() ? vocabulary.idOrMinus1(ByteFallbackDecoder.name(b)) : -1;
        }
        boundaries = boundaries();
        unusedPieces = unused.isEmpty() ? null : new UnusedPieces(unused, vocabulary, merges, this::characterId);
    }

    private int characterId(int codePoint) {
        return codePoint < 128 ? asciiIds[codePoint] : characterIds.getOrDefault(codePoint, -1);
    }

    /// Returns where a text may be cut into parts that are spelled one by one, or null if nowhere.
    private @Nullable MergeBoundaries boundaries() {
        boolean joinsUnknown =
                settings().fuseUnknown() && Arrays.stream(byteIds).anyMatch(id -> id < 0);
        if (merges().size() == 0 || settings().ignoreMerges() || joinsUnknown) {
            return null;
        }
        BitSet others = new BitSet();
        IntStream.concat(Arrays.stream(byteIds), IntStream.of(unknownId()))
                .filter(id -> id >= 0)
                .forEach(others::set);
        return MergeBoundaries.of(vocabulary(), merges(), defined, others);
    }

    private static PieceTrie pieces(Vocabulary vocabulary, BitSet defined, BitSet hidden) {
        List<byte[]> pieces = new ArrayList<>(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            boolean found = defined.get(id) && !hidden.get(id);
            pieces.add(found ? vocabulary.token(id).getBytes(StandardCharsets.UTF_8) : new byte[0]);
        }
        return new PieceTrie(pieces);
    }

    /// Whether texts are cut into parts that are spelled one by one.
    boolean cutsTexts() {
        return boundaries != null;
    }

    @Override
    void afterMerging(Spelling spelling) {
        if (unusedPieces != null) {
            spelling.takeApart(unusedPieces);
        }
    }

    /// Whether a piece is merged but not given.
    boolean isUnused(int id) {
        return unused.get(id);
    }

    /// Whether a user defined a piece.
    boolean isDefined(int id) {
        return defined.get(id);
    }

    @Override
    CharacterBpe withHidden(BitSet tokens) {
        return new CharacterBpe(vocabulary(), merges(), settings(), defined, unused, tokens);
    }

    @Override
    public void encode(Text text, int from, int to, TokenBuffer tokens) {
        if (boundaries == null) {
            super.encode(text, from, to, tokens);
            return;
        }
        Spelling spelling = spelling(tokens);
        byte[] utf8 = text.utf8();
        for (int at = from; at < to; ) {
            int end = boundaries.partEnd(utf8, at, to);
            spelling.encode(text, at, end, tokens);
            at = end;
        }
    }

    @Override
    void addSymbols(byte[] utf8, int from, int to, Spelling spelling) {
        for (int at = from; at < to; ) {
            long found = definedPieces == null ? PieceTrie.NONE : definedPieces.longest(utf8, at, to);
            if (found >= 0) {
                spelling.add((int) found, at, PieceTrie.end(found));
                at = PieceTrie.end(found);
                continue;
            }
            int next = at + Utf8.length(utf8[at]);
            int id = utf8[at] >= 0 ? asciiIds[utf8[at]] : characterId(Utf8.decode(utf8, at));
            if (id >= 0) {
                spelling.add(id, at, next);
            } else if (hasBytes(utf8, at, next)) {
                for (int i = at; i < next; i++) {
                    spelling.add(byteIds[utf8[i] & 0xFF], i, i + 1);
                }
            } else {
                addUnknown(at, next, spelling);
            }
            at = next;
        }
    }

    private boolean hasBytes(byte[] utf8, int from, int to) {
        for (int i = from; i < to; i++) {
            if (byteIds[utf8[i] & 0xFF] < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = super.json();
        // not fields of the reference, which passes over them
        putTokens(json, BpeJson.USER_DEFINED, defined);
        putTokens(json, BpeJson.UNUSED, unused);
        return json;
    }

    private void putTokens(Map<String, Object> json, String field, BitSet ids) {
        if (!ids.isEmpty()) {
            json.put(field, ids.stream().mapToObj(this::token).toList());
        }
    }
}
