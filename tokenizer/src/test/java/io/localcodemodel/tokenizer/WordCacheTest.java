package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordCacheTest {

    private final WordCache cache = new WordCache();
    private final TokenBuffer tokens = new TokenBuffer();

    private void put(String word, int... ids) {
        byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
        assertThat(cache.append(utf8, 0, utf8.length, tokens)).isFalse();
        cache.put(utf8, 0, utf8.length, ids, ids.length);
    }

    @Test
    void the_first_word_of_many_tokens_may_come_when_the_bytes_of_words_are_full() {
        for (int i = 0; i < 11_037; i++) {
            put("%095d".formatted(i), i);
        }
        int[] many = IntStream.range(0, 70).toArray();
        put("a".repeat(70), many);
        tokens.reset(false);
        assertThat(cache.append("a".repeat(70).getBytes(StandardCharsets.UTF_8), 0, 70, tokens))
                .isTrue();
        assertThat(tokens.ids()).isEqualTo(many);
    }
}
