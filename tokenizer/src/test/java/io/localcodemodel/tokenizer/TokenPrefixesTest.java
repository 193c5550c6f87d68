package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenPrefixesTest {

    private static final Tokenizer TOKENIZER = BpeTrainer.builder()
            .vocabularySize(340)
            .build()
            .train(List.of("public static public static return größer 漢字 publication\n".repeat(5)));
    private static final TokenPrefixes PREFIXES = TOKENIZER.prefixes();

    private static int[] byTrying(byte[] wanted, boolean alsoShorter) {
        return IntStream.range(0, TOKENIZER.vocabularySize())
                .filter(id -> !TOKENIZER.isSpecial(id))
                .filter(id -> {
                    byte[] piece = TOKENIZER.decoded().piece(id, false);
                    int common = Math.min(piece.length, wanted.length);
                    return (alsoShorter || piece.length >= wanted.length)
                            && Arrays.equals(piece, 0, common, wanted, 0, common);
                })
                .toArray();
    }

    @Test
    void finds_what_trying_every_token_finds() {
        byte[] text = " public static größer 漢字".getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < text.length; from++) {
            for (int to = from + 1; to <= text.length; to++) {
                byte[] part = Arrays.copyOfRange(text, from, to);
                assertThat(PREFIXES.startingWith(part)).containsExactlyInAnyOrder(byTrying(part, false));
                assertThat(PREFIXES.agreeing(part)).containsExactlyInAnyOrder(byTrying(part, true));
            }
        }
    }

    @Test
    void takes_back_as_much_as_together_begins_a_token() {
        int[] whole = TOKENIZER.encode("static public");
        int[] cut = TOKENIZER.encode("static publi");
        assertThat(cut.length).isGreaterThan(whole.length);
        int back = PREFIXES.cut(cut, 0, cut.length);
        assertThat(TOKENIZER.decode(Arrays.copyOf(cut, cut.length - back))).isEqualTo("static");
        assertThat(PREFIXES.bytes(Arrays.copyOfRange(cut, cut.length - back, cut.length)))
                .isEqualTo(" publi".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void takes_nothing_back_where_no_token_goes_on() {
        int[] tokens = TOKENIZER.encode("return\n");
        assertThat(PREFIXES.cut(tokens, 0, tokens.length)).isZero();
    }

    @Test
    void takes_back_no_special_token_and_nothing_before_the_first_place() {
        int[] tokens = TOKENIZER.encode("<|endoftext|>p", EncodeOptions.MARKUP);
        assertThat(PREFIXES.cut(tokens, 0, tokens.length)).isEqualTo(1);
        assertThat(PREFIXES.cut(tokens, 2, tokens.length)).isZero();
    }
}
