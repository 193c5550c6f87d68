package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

class WordPieceTrainingTest {

    private static final Path FIXTURE = Path.of("src/test/resources/training/word-piece.json");

    /// That trainer gives the characters within words their ids in the order of a hash table, so these come from the fixture.
    @Test
    void learns_the_tokens_that_the_hugging_face_trainer_learns() throws Exception {
        Map<?, ?> fixture = (Map<?, ?>) JSON.std.anyFrom(Files.readAllBytes(FIXTURE));
        List<?> vocabularies = (List<?>) fixture.get("vocabularies");
        assertThat(vocabularies).hasSize(4);
        for (Object element : vocabularies) {
            Map<?, ?> truth = (Map<?, ?>) element;
            List<String> tokens = ((List<?>) truth.get("tokens"))
                    .stream().map(String::valueOf).toList();
            WordPieceTrainer trainer = WordPieceTrainer.builder()
                    .vocabularySize((Integer) truth.get("vocabularySize"))
                    .minimumFrequency((Integer) truth.get("minimumFrequency"))
                    .build();
            List<String> text = List.of((String) fixture.get("text"));
            List<String> characters = tokens.stream()
                    .skip(5)
                    .takeWhile(token -> token.replace("##", "").codePoints().count() <= 1)
                    .toList();

            assertThat(tokens(trainer.train(text, characters))).isEqualTo(tokens);
            assertThat(tokens(trainer.train(text)).subList(0, 5 + characters.size()))
                    .containsExactlyInAnyOrderElementsOf(tokens.subList(0, 5 + characters.size()));
        }
    }

    private static List<String> tokens(Tokenizer tokenizer) {
        return IntStream.range(0, tokenizer.vocabularySize())
                .mapToObj(tokenizer::token)
                .toList();
    }

    @Test
    void spells_words_with_what_it_learned(@TempDir Path folder) throws IOException {
        Tokenizer tokenizer = WordPieceTrainer.builder()
                .vocabularySize(60)
                .build()
                .train(List.of("low lower lowest slow slower slowest", "new newer newest"));

        assertThat(tokens(tokenizer).subList(0, 7))
                .containsExactly("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "e", "l");
        Encoding encoding = tokenizer.encoding("lower, slowest é", EncodeOptions.PROMPT);
        assertThat(IntStream.of(encoding.ids()).mapToObj(tokenizer::token))
                .containsExactly("[CLS]", "lower", "[UNK]", "slowest", "[UNK]", "[SEP]");
        assertThat(tokenizer.decodeWithoutSpecialTokens(tokenizer.encode("newest lower")))
                .isEqualTo("newest lower");

        tokenizer.save(folder);
        Tokenizer loaded = Tokenizer.load(folder);
        assertThat(loaded.encoding("slow newer", EncodeOptions.PROMPT))
                .isEqualTo(tokenizer.encoding("slow newer", EncodeOptions.PROMPT));
    }

    @Test
    void gives_the_same_result_with_any_number_of_threads() throws Exception {
        Map<?, ?> fixture = (Map<?, ?>) JSON.std.anyFrom(Files.readAllBytes(FIXTURE));
        List<String> lines = List.of(((String) fixture.get("text")).split("(?<=\n)"));
        List<String> one = tokens(WordPieceTrainer.builder().workers(1).build().train(lines));

        assertThat(tokens(WordPieceTrainer.builder().workers(4).build().train(lines)))
                .isEqualTo(one);
    }

    @Test
    void leaves_out_words_that_are_too_long_to_be_spelled() {
        Tokenizer tokenizer =
                WordPieceTrainer.builder().build().train(List.of("a".repeat(5_000) + " " + "b".repeat(100)));

        assertThat(tokens(tokenizer)).contains("a", "##a", "b".repeat(100)).doesNotContain("aa", "##aa");
    }

    @Test
    void refuses_what_does_not_fit() {
        assertThatThrownBy(() -> WordPieceTrainer.builder()
                        .specialTokens("[PAD]")
                        .splitter(ByteLevelSplitter.gpt2())
                        .vocabularySize(1)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Cannot build WordPieceTrainer: specialTokens must have [UNK]: [[PAD]]; splitter must not be"
                                + " byte-level, since tokens are made of characters:"
                                + " ByteLevelSplitter[addPrefixSpace=false, trimOffsets=true, useRegex=true];"
                                + " vocabularySize must be from 2 (1 special tokens +"
                                + " 1 characters)"
                                + " to " + Vocabulary.MAXIMUM_SIZE + ": 1.");
        assertThatThrownBy(() ->
                        WordPieceTrainer.builder().vocabularySize(9).build().train(List.of("abc")))
                .hasMessage(
                        "The special tokens and the characters of the corpus, alone and within words, are 10 tokens;"
                                + " vocabularySize must not be less: 9");
        assertThatThrownBy(() -> WordPieceTrainer.builder().build().train(List.of(" \n")))
                .hasMessageContaining("the corpus has no text");
    }
}
