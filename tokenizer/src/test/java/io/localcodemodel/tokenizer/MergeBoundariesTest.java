package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A text that is cut where no merge joins, beside one that is spelled as a whole.
class MergeBoundariesTest {

    private static final String CHARACTERS = "ab(\u2581é漢?";
    private static final String UNKNOWN = "<unk>";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void changes_no_token(boolean byteFallback) {
        Random random = new Random(7);
        int cut = 0;
        for (int vocabularies = 0; vocabularies < 200; vocabularies++) {
            CharacterBpe model = model(random, byteFallback);
            for (int texts = 0; texts < 20; texts++) {
                StringBuilder text = new StringBuilder();
                for (int length = random.nextInt(30); length > 0; length--) {
                    text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
                }
                Text whole = Text.of(text.toString());
                assertThat(encode(model, whole, true))
                        .as("%s with %s", text, model.json())
                        .isEqualTo(spelled(model, whole));
                assertThat(encode(model, whole, false)).isEqualTo(spelled(model, whole));
            }
            cut += model.cutsTexts() ? 1 : 0;
        }
        assertThat(cut).isEqualTo(byteFallback ? 200 : 0);
    }

    private static int[] encode(CharacterBpe model, Text text, boolean places) {
        TokenBuffer tokens = new TokenBuffer();
        tokens.reset(places);
        model.encode(text, 0, text.length(), tokens);
        return tokens.ids();
    }

    private static int[] spelled(CharacterBpe model, Text text) {
        TokenBuffer tokens = new TokenBuffer();
        tokens.reset(true);
        new Spelling(model.speller()).encode(text, 0, text.length(), tokens);
        return tokens.ids();
    }

    /// A vocabulary without a question mark, and with a piece that a user defined.
    private static CharacterBpe model(Random random, boolean byteFallback) {
        List<String> tokens = new ArrayList<>(List.of(UNKNOWN));
        for (char character : CHARACTERS.replace("?", "").toCharArray()) {
            tokens.add(String.valueOf(character));
        }
        if (byteFallback) {
            for (int b = 0; b < 256; b++) {
                tokens.add(ByteFallbackDecoder.name(b));
            }
        }
        BitSet defined = new BitSet();
        defined.set(tokens.size());
        tokens.add("(a");
        List<Integer> joinable = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6));
        MergeTable.Builder merges = new MergeTable.Builder(8);
        for (int i = 0; i < 8; i++) {
            int left = joinable.get(random.nextInt(joinable.size()));
            int right = joinable.get(random.nextInt(joinable.size()));
            String token = tokens.get(left) + tokens.get(right);
            if (!tokens.contains(token)) {
                joinable.add(tokens.size());
                merges.add(left, right, merges.size(), tokens.size());
                tokens.add(token);
            }
        }
        return new CharacterBpe(
                Vocabulary.of(tokens),
                merges.build(),
                new MergingModel.Settings(UNKNOWN, true, byteFallback, false),
                defined,
                new BitSet());
    }
}
