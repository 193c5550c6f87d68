package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamEncoderTest {

    private static final String[] PIECES = {
        "word",
        " ",
        "  ",
        "\n",
        "\r\n",
        "x",
        "é",
        "😀",
        "'s",
        "123",
        ";",
        "{",
        "e\u0301",
        "<|endoftext|>",
        "<|end",
        "Ab"
    };

    private final Tokenizer tokenizer = BpeTrainer.builder()
            .vocabularySize(300)
            .splitter(new SequenceSplitter(List.of(
                    new DigitsSplitter(true),
                    PatternSplitter.regex(TiktokenEncoding.CL100K_BASE.pattern()),
                    new ByteLevelSplitter(false, false, false))))
            .build()
            .train(List.of("word word's 123 {};\n  word"));

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 1024, StreamEncoder.PART})
    void gives_the_tokens_of_the_whole_text(int part) throws Exception {
        Random random = new Random(part);
        for (int round = 0; round < 50; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
            List<Integer> ids = new ArrayList<>();
            long count = new StreamEncoder(tokenizer.encoder(), EncodeOptions.MARKUP, part)
                    .encode(new ByteArrayInputStream(utf8), (array, size) -> {
                        for (int i = 0; i < size; i++) {
                            ids.add(array[i]);
                        }
                    });

            assertThat(ids.stream().mapToInt(id -> id).toArray())
                    .isEqualTo(tokenizer.encode(text.toString(), EncodeOptions.MARKUP));
            assertThat(count).isEqualTo(ids.size());
        }
    }

    @Test
    void does_not_cut_where_the_stages_look_across() throws Exception {
        Tokenizer characters = CharacterTokenizer.of("word ");

        assertThat(tokenizer.encoder().pipeline().mayBeCut()).isTrue();
        assertThat(characters.encoder().pipeline().mayBeCut()).isFalse();
        InputStream in = new ByteArrayInputStream("word word".getBytes(StandardCharsets.UTF_8));
        assertThat(new StreamEncoder(characters.encoder(), EncodeOptions.TEXT, 4).encode(in, (ids, count) -> {}))
                .isEqualTo(9);
    }

    @Test
    void refuses_to_frame_a_stream() {
        assertThatThrownBy(() -> tokenizer.encode(InputStream.nullInputStream(), EncodeOptions.PROMPT, (ids, n) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not framed");
    }
}
