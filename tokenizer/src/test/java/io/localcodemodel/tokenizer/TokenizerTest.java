package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

    private static final String CODE = """
        public static int gcd(int a, int b) {
            return b == 0 ? a : gcd(b, a % b); // größter gemeinsamer Teiler 😀
        }
        """;

    private final Tokenizer tokenizer =
            BpeTrainer.builder().vocabularySize(320).workers(1).build().train(List.of(CODE, CODE));

    @Test
    void decodes_what_it_encoded() {
        assertThat(tokenizer.decode(tokenizer.encode(CODE))).isEqualTo(CODE);
        assertThat(tokenizer.encode(CODE)).hasSizeLessThan(CODE.length());
    }

    @Test
    void takes_special_tokens_in_a_text_as_text_unless_told_otherwise() {
        String text = "a<|endoftext|>b";
        int end = tokenizer.endOfText().orElseThrow();

        assertThat(tokenizer.encode(text)).doesNotContain(end);
        assertThat(tokenizer.encode(text, EncodeOptions.MARKUP)).contains(end);
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        assertThat(tokenizer.decodeWithoutSpecialTokens(tokenizer.encode(text, EncodeOptions.MARKUP)))
                .isEqualTo("ab");
    }

    @Test
    void says_which_characters_each_token_came_from() {
        Encoding encoding = tokenizer.encoding(CODE, EncodeOptions.TEXT);

        assertThat(encoding.ids()).isEqualTo(tokenizer.encode(CODE));
        int reached = 0;
        for (int i = 0; i < encoding.size(); i++) {
            assertThat(encoding.starts()[i]).isLessThanOrEqualTo(reached);
            assertThat(encoding.ends()[i]).isGreaterThanOrEqualTo(reached);
            reached = encoding.ends()[i];
        }
        assertThat(reached).isEqualTo(CODE.length());
    }

    @Test
    void never_shows_half_a_character() {
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder shown = new StringBuilder();
        for (int id : tokenizer.encode("größer 😀!")) {
            String part = decoder.add(id);
            assertThat(part).doesNotContain("\uFFFD");
            shown.append(part);
        }
        assertThat(shown.append(decoder.finish())).hasToString("größer 😀!");
    }

    @Test
    void shows_at_the_end_that_a_character_was_cut_off() {
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        int lead = tokenizer.id(String.valueOf(ByteAlphabet.letter(0xF0))).orElseThrow();

        assertThat(decoder.add(lead)).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\uFFFD");
    }

    @Test
    void pieces_of_malformed_bytes_put_together_are_what_decode_gives() {
        int[][] malformed = {{0xED, 0xB9, 0xB4}, {0xED, 0xA0}, {0xED, 0xA0, 'a'}, {0xE0, 0x80, 0x80}, {0xF4, 0x90, 0x80}
        };
        for (int[] bytes : malformed) {
            int[] ids = Arrays.stream(bytes)
                    .map(value -> tokenizer
                            .id(String.valueOf(ByteAlphabet.letter(value)))
                            .orElseThrow())
                    .toArray();
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            StringBuilder shown = new StringBuilder();
            for (int id : ids) {
                shown.append(decoder.add(id));
            }
            assertThat(shown.append(decoder.finish()))
                    .as(Arrays.toString(bytes))
                    .hasToString(tokenizer.decode(ids));
        }
    }

    @Test
    void is_the_same_after_being_saved_and_loaded(@TempDir Path folder) throws Exception {
        tokenizer.save(folder.resolve("model"));
        Tokenizer loaded = Tokenizer.load(folder.resolve("model"));

        assertThat(loaded.encode(CODE)).isEqualTo(tokenizer.encode(CODE));
        assertThat(loaded.decode(loaded.encode(CODE))).isEqualTo(CODE);
        assertThat(loaded.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
        assertThat(loaded.addedTokens()).isEqualTo(tokenizer.addedTokens());
        loaded.save(folder.resolve("again.json"));
        assertThat(folder.resolve("again.json")).hasSameBinaryContentAs(folder.resolve("model/tokenizer.json"));
        try (var files = Files.list(folder.resolve("model"))) {
            assertThat(files)
                    .containsExactlyInAnyOrder(
                            folder.resolve("model/tokenizer.json"), folder.resolve("model/tokenizer_config.json"));
        }
    }

    @Test
    void gives_a_batch_what_it_gives_each_text() {
        List<String> texts = List.of(CODE, "", "x", CODE + CODE);

        assertThat(tokenizer.encodeBatch(texts, EncodeOptions.TEXT, 3))
                .containsExactly(texts.stream().map(tokenizer::encode).toArray(int[][]::new));
    }

    @Test
    void reads_a_surrogate_without_its_half_as_the_replacement_character() {
        assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db"))).isEqualTo("a\uFFFDb");
    }

    @Test
    void refuses_an_id_outside_the_vocabulary() {
        assertThatThrownBy(() -> tokenizer.decode(tokenizer.vocabularySize()))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void names_all_problems_of_a_trainer_together() {
        assertThatThrownBy(() -> BpeTrainer.builder()
                        .vocabularySize(10)
                        .vocabularySize(20)
                        .workers(0)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vocabularySize is set twice")
                .hasMessageContaining("vocabularySize must be from 260")
                .hasMessageContaining("workers must be at least 1: 0");
    }

    @Test
    void names_all_problems_of_a_tokenizer_together() {
        assertThatThrownBy(() -> Tokenizer.builder()
                        .addedToken(AddedToken.special("<a>", 5))
                        .addedToken(AddedToken.special("<b>", 5))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model is missing")
                .hasMessageContaining("the added tokens \"<a>\" and \"<b>\" both have the id 5");
        assertThatThrownBy(() -> Tokenizer.builder()
                        .model(tokenizer.model())
                        .postProcessor(TemplatePostProcessor.before("<s>", 999))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the post-processor adds the id 999, but the vocabulary ends at 319");
    }

    @Test
    void gives_the_bytes_of_half_a_character_as_they_are() {
        int[] ids = tokenizer.encode("ß");

        assertThat(ids).hasSize(2);
        assertThat(tokenizer.decodeBytes(ids[1])).containsExactly(0x9F);
    }

    @Test
    void refuses_to_train_on_nothing() {
        assertThatThrownBy(() -> BpeTrainer.builder().build().train(List.of("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no text");
    }

    @Test
    void makes_a_vocabulary_of_characters(@TempDir Path folder) throws Exception {
        Tokenizer characters = CharacterTokenizer.of("hello wörld");
        characters.save(folder);
        Tokenizer loaded = Tokenizer.load(folder);

        assertThat(loaded.vocabularySize()).isEqualTo(2 + 9);
        assertThat(loaded.decode(loaded.encode("dröhne?"))).isEqualTo("dröh\uFFFDe\uFFFD");
        assertThat(loaded.encoding("wörld", EncodeOptions.TEXT).ends()).containsExactly(1, 2, 3, 4, 5);
        assertThat(loaded.endOfText()).hasValue(0);
    }

    @Test
    void keeps_what_a_file_says_about_cutting_and_filling_up_but_cuts_nothing(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, """
            {"truncation":{"max_length":1,"strategy":"LongestFirst"},"padding":{"pad_id":0},
             "model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"ab":1,"##c":2}}}
            """);
        Tokenizer read = Tokenizer.load(file);
        read.save(folder.resolve("again.json"));

        assertThat(read.encode("abcc")).containsExactly(1, 2, 2);
        assertThat(folder.resolve("again.json"))
                .content()
                .contains("\"truncation\":{\"max_length\":1,\"strategy\":\"LongestFirst\"},\"padding\":{\"pad_id\":0}");
    }

    @Test
    void an_empty_match_is_replaced_between_characters_not_inside_one() {
        Normalizer normalizer = new PatternReplaceNormalizer("", "-");
        Text text = normalizer.normalize(Text.of("a😀b"));

        assertThat(text.string()).isEqualTo("-a-😀-b-");
        assertThat(text.sourceStart(text.length() - 2)).isEqualTo(3);
        assertThat(text.sourceEnd(text.length())).isEqualTo(4);
    }
}
