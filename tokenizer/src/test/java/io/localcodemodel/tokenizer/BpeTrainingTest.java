package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What other trainers learn from the same texts.
@Tag("shared-data")
class BpeTrainingTest {

    @ParameterizedTest
    @CsvSource({"tinyshakespeare.txt, tinyshakespeare", "java/commons-lang3.txt, commons-lang3"})
    void learns_the_merges_that_the_hugging_face_trainer_learns(String document, String name) throws Exception {
        String text = Files.readString(SharedData.data().resolve("text").resolve(document));
        // that trainer reads a file line by line
        List<String> lines = Arrays.asList(text.split("(?<=\n)"));
        Tokenizer truth =
                Tokenizer.load(SharedData.tokenizers().resolve("hf-train/" + name + ".hf-bytelevel.tokenizer.json"));
        Tokenizer learned = BpeTrainer.builder()
                .vocabularySize(30_000)
                .specialTokens()
                .allBytes(false)
                .build()
                .train(lines);

        assertThat(merges(learned)).isEqualTo(merges(truth));
        assertThat(learned.model().json().get("vocab"))
                .isEqualTo(truth.model().json().get("vocab"));

        Tokenizer smaller = BpeTrainer.builder()
                .vocabularySize(2_000)
                .specialTokens()
                .allBytes(false)
                .workers(1)
                .build()
                .train(lines);
        int count = merges(smaller).size();
        assertThat(merges(smaller)).isEqualTo(merges(truth).subList(0, count));
    }

    /// minbpe takes, of pairs that occur equally often, the one it met first. So its merges are checked one by one:
    /// each must be a pair that occurs most often, and those before the first tie must be ours.
    @ParameterizedTest
    @CsvSource({"tinyshakespeare-200k.basic400.json, false", "tinyshakespeare-200k.regex600.json, true"})
    void agrees_with_minbpe_wherever_one_pair_is_the_most_frequent(String file, boolean split) throws Exception {
        String text = Files.readString(SharedData.data().resolve("text/tinyshakespeare.txt"))
                .substring(0, 200_000);
        Map<?, ?> truth = (Map<?, ?>) SharedData.json(SharedData.tokenizers().resolve("minbpe/" + file));
        Splitter splitter = split
                ? new SequenceSplitter(List.of(
                        PatternSplitter.regex(TiktokenEncoding.CL100K_BASE.pattern()),
                        new ByteLevelSplitter(false, false, false)))
                : new ByteLevelSplitter(false, false, false);
        NaiveBpe naive = new NaiveBpe(splitter, text);
        int ties = 0;
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(ByteAlphabet.letter(b)));
        }
        List<List<String>> untied = new ArrayList<>();
        for (Object element : (List<?>) truth.get("merges")) {
            int[] merge = SharedData.ids(element);
            long most = naive.highestCount();
            assertThat(naive.count(merge[0], merge[1])).isEqualTo(most);
            ties += naive.pairsWith(most) > 1 ? 1 : 0;
            naive.merge(merge[0], merge[1]);
            if (ties == 0) {
                untied.add(List.of(tokens.get(merge[0]), tokens.get(merge[1])));
                tokens.add(tokens.get(merge[0]) + tokens.get(merge[1]));
            }
        }
        assertThat(ties).isLessThan(((List<?>) truth.get("merges")).size() / 2);
        Tokenizer learned = BpeTrainer.builder()
                .vocabularySize(256 + untied.size())
                .specialTokens()
                .splitter(splitter)
                .build()
                .train(List.of(text));
        assertThat(untied).hasSizeGreaterThan(20);
        assertThat(((Bpe) learned.model()).merges().json(((Bpe) learned.model()).vocabulary()))
                .isEqualTo(untied);
    }

    private static List<?> merges(Tokenizer tokenizer) {
        return new ArrayList<>((List<?>) tokenizer.model().json().get("merges"));
    }
}
