package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A megabyte without a place to cut it. If the work grew with its square, each case would take an hour.
class LongInputsTest {

    private static final int LENGTH = 1_000_000;

    private final Tokenizer tokenizer = BpeTrainer.builder()
            .vocabularySize(400)
            .splitter(new SequenceSplitter(List.of(
                    PatternSplitter.regex(TiktokenEncoding.O200K_BASE.pattern()),
                    new ByteLevelSplitter(false, false, false))))
            .build()
            .train(List.of(
                    "a".repeat(40) + " " + "}".repeat(20) + "😀😀 \n\n\n      int x = 1; abc abcabc", "\n\n\n\n"));

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "}", "😀", "abc", "aB", "\u0301", "ﷺ", "'", " '", "\u00a0"})
    void is_encoded_and_decoded(String piece) {
        String text = piece.repeat(LENGTH / piece.length());

        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        assertThat(tokenizer.encoding(text, EncodeOptions.TEXT).ids()).isEqualTo(tokenizer.encode(text));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void of_random_bytes_is_encoded_and_decoded(int seed) {
        byte[] random = new byte[LENGTH];
        new Random(seed).nextBytes(random);

        assertThat(tokenizer.decode(tokenizer.encode(random, EncodeOptions.TEXT)))
                .isEqualTo(new String(random, StandardCharsets.UTF_8));
    }
}
