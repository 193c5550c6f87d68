package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnigramTest {

    private static final int LENGTH = 1_000_000;
    private static final List<String> PIECES =
            List.of("<unk>", "a", "aa", "b", "ab", "bab", "<0x61>", "</s>", "a".repeat(500), "ß");
    private static final double[] SCORES = {0, -2, -3, -2.5, -4, -5, 0, 0, -1, -9};

    private final Unigram model = Unigram.of(PIECES, SCORES, 0, false);
    private final Tokenizer tokenizer = Tokenizer.builder()
            .model(model)
            .decoder(new FuseDecoder())
            .addedToken(AddedToken.special("</s>", 7))
            .build();

    @Test
    void chooses_the_pieces_whose_scores_have_the_highest_sum() {
        assertThat(tokenizer.encode("aab")).containsExactly(2, 3); // aa b: -5.5, a ab: -6, a a b: -6.5
        assertThat(tokenizer.encode("babb")).containsExactly(5, 3);
        assertThat(tokenizer.encode("aaßaa")).containsExactly(2, 9, 2);
    }

    @Test
    void writes_a_run_of_unknown_characters_as_one_token() {
        Encoding encoding = tokenizer.encoding("a😀?b", EncodeOptions.TEXT);

        assertThat(encoding.ids()).containsExactly(1, 0, 3);
        assertThat(encoding.starts()).containsExactly(0, 1, 4);
        assertThat(encoding.ends()).containsExactly(1, 4, 5);
    }

    @Test
    void equals_trying_every_way_to_spell() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                text.append("aaabbß?".charAt(random.nextInt(7)));
            }
            double best = best(text.toString());
            int[] ids = tokenizer.encode(text.toString());
            double sum = Arrays.stream(ids)
                            .filter(id -> id != 0)
                            .mapToDouble(id -> SCORES[id])
                            .sum()
                    + text.chars().filter(c -> c == '?').count() * (-9 - Unigram.UNKNOWN_PENALTY);
            assertThat(sum).as("%s", text).isCloseTo(best, org.assertj.core.data.Offset.offset(1e-9));
        }
    }

    private static double best(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        double best = text.charAt(0) == '?'
                ? -9 - Unigram.UNKNOWN_PENALTY + best(text.substring(1))
                : Double.NEGATIVE_INFINITY;
        for (int id = 1; id < PIECES.size(); id++) {
            if (text.startsWith(PIECES.get(id))) {
                best = Math.max(
                        best, SCORES[id] + best(text.substring(PIECES.get(id).length())));
            }
        }
        return best;
    }

    @Test
    void takes_no_special_token_out_of_plain_text() throws Exception {
        byte[] json = """
            {"added_tokens":[{"id":1,"content":"</s>","special":true}],
             "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["</s>",0],["<0x0A>",0],
             ["<",-1],["/",-1],["s",-1],[">",-1],["0",-1],["x",-1],["A",-1]]}}
            """.getBytes(StandardCharsets.UTF_8);
        Tokenizer read = TokenizerJson.read(json, "unigram.json");

        assertThat(read.encode("</s>")).containsExactly(3, 4, 5, 6);
        assertThat(read.encode("</s>", EncodeOptions.MARKUP)).containsExactly(1);
        assertThat(read.encode("<0x0A>")).doesNotContain(2);
        assertThat(read.encode("\n")).containsExactly(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "b", "ab", "?", "😀", "ß", "a?", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"})
    void a_megabyte_is_encoded(String piece) {
        String text = piece.repeat(LENGTH / piece.length());

        int[] ids = tokenizer.encode(text);
        Encoding encoding = tokenizer.encoding(text, EncodeOptions.TEXT);

        assertThat(encoding.ids()).isEqualTo(ids);
        assertThat(encoding.ends()[ids.length - 1]).isEqualTo(text.length());
    }

    @Test
    void refuses_scores_that_are_not_one_for_each_piece() {
        assertThatThrownBy(() -> Unigram.of(PIECES, new double[] {0}, 0, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 pieces, 1 scores");
    }

    @Test
    void a_trie_finds_what_a_set_finds() {
        Random random = new Random(3);
        for (int round = 0; round < 30; round++) {
            TreeSet<String> words = new TreeSet<>();
            int letters = 2 + random.nextInt(300);
            for (int i = random.nextInt(3_000); i >= 0; i--) {
                words.add(word(random, letters));
            }
            List<String> pieces = new ArrayList<>(words);
            PieceTrie trie = new PieceTrie(
                    pieces.stream().map(p -> p.getBytes(StandardCharsets.UTF_8)).toList());
            for (int i = 0; i < pieces.size(); i++) {
                byte[] bytes = pieces.get(i).getBytes(StandardCharsets.UTF_8);
                assertThat(whole(trie, bytes)).isEqualTo(i);
            }
            for (int i = 0; i < 1_000; i++) {
                String word = word(random, letters);
                byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                assertThat(whole(trie, bytes) >= 0).isEqualTo(words.contains(word));
            }
        }
    }

    private static String word(Random random, int letters) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            word.appendCodePoint(random.nextInt(letters));
        }
        return word.toString();
    }

    /// The piece that all bytes spell, or a negative number.
    private static int whole(PieceTrie trie, byte[] bytes) {
        long found = trie.longest(bytes, 0, bytes.length);
        return found >= 0 && PieceTrie.end(found) == bytes.length ? (int) found : PieceTrie.NONE;
    }
}
