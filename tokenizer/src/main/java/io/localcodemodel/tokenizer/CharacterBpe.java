package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// BPE over characters, as SentencePiece does it: a word is a row of characters, and a character that the vocabulary
/// lacks becomes its bytes, written `<0x0A>`, or the unknown token, or nothing.
///
/// With no merges it is a vocabulary of characters, see [CharacterTokenizer].
public final class CharacterBpe extends MergingModel {

    private final int[] asciiIds = new int[128];
    private final Map<Integer, Integer> characterIds = new HashMap<>();
    private final int[] byteIds = new int[256];

    CharacterBpe(Vocabulary vocabulary, MergeTable merges, Settings settings) {
        this(vocabulary, merges, settings, new BitSet());
    }

    private CharacterBpe(Vocabulary vocabulary, MergeTable merges, Settings settings, BitSet hidden) {
        super(vocabulary, merges, settings, hidden, token -> token.getBytes(StandardCharsets.UTF_8));
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
    }

    @Override
    CharacterBpe withHidden(BitSet tokens) {
        return new CharacterBpe(vocabulary(), merges(), settings(), tokens);
    }

    @Override
    void addSymbols(byte[] utf8, int from, int to, Spelling spelling) {
        for (int at = from; at < to; ) {
            int next = at + Utf8.length(utf8[at]);
            int id = utf8[at] >= 0 ? asciiIds[utf8[at]] : characterIds.getOrDefault(Utf8.decode(utf8, at), -1);
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
}
