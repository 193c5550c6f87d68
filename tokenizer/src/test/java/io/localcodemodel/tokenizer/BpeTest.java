package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BpeTest {

    private static final Splitter WHOLE = new ByteLevelSplitter(false, false, false);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void learns_what_counting_anew_for_each_merge_learns(int seed) {
        String text = randomText(new Random(seed), 400, 2 + seed);
        Splitter splitter = seed % 2 == 0 ? WHOLE : ByteLevelSplitter.gpt2();
        Tokenizer learned = BpeTrainer.builder()
                .vocabularySize(256 + 60)
                .specialTokens()
                .splitter(splitter)
                .build()
                .train(List.of(text));
        NaiveBpe naive = new NaiveBpe(splitter, text);
        // the trainer numbers bytes by their letters
        int[] order = new int[256 + 60];
        for (int b = 0; b < 256; b++) {
            order[b] = learned.id(String.valueOf(ByteAlphabet.letter(b))).orElseThrow();
        }
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(ByteAlphabet.letter(b)));
        }
        List<?> merges = (List<?>) learned.model().json().get("merges");
        for (int i = 0; i < merges.size(); i++) {
            long best = naive.best(order);
            int left = (int) (best >>> 32);
            int right = (int) best;
            assertThat(merges.get(i)).as("merge %d", i).isEqualTo(List.of(tokens.get(left), tokens.get(right)));
            naive.merge(left, right);
            order[256 + i] = 256 + i;
            tokens.add(tokens.get(left) + tokens.get(right));
        }
    }

    @Test
    void does_not_depend_on_the_number_of_workers() {
        String text = randomText(new Random(7), 2_000_000, 20);

        assertThat(train(text, 1).model().json())
                .isEqualTo(train(text, 3).model().json());
    }

    private static Tokenizer train(String text, int workers) {
        return BpeTrainer.builder().vocabularySize(400).workers(workers).build().train(List.of(text));
    }

    @Test
    void reports_progress_and_can_be_cancelled() {
        AtomicInteger reports = new AtomicInteger();
        BpeTrainer cancelled = BpeTrainer.builder()
                .workers(1)
                .progress(step -> reports.incrementAndGet())
                .cancelledWhen(() -> reports.get() > 0)
                .build();

        assertThatThrownBy(() -> cancelled.train(List.of("a b", "c d", "e f")))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void merges_a_long_word_as_searching_for_the_lowest_rank_again_and_again_does() {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            MergeTable table = randomMerges(random);
            int length = random.nextInt(2 * Merger.SHORT, 6 * Merger.SHORT);
            int[] word = random.ints(length, 0, 4).toArray();
            List<Integer> expected = mergeNaively(table, word);
            int count = new Merger(table).merge(word, length);
            assertThat(Arrays.copyOf(word, count))
                    .as("round %d", round)
                    .containsExactly(expected.stream().mapToInt(id -> id).toArray());
        }
    }

    @Test
    void merges_a_short_word_as_searching_for_the_lowest_rank_again_and_again_does() {
        Random random = new Random(2);
        MergeTable table = randomMerges(random);
        Merger merger = new Merger(table);
        for (int round = 0; round < 2_000; round++) {
            int length = random.nextInt(0, Merger.SHORT + 1);
            int[] word = random.ints(length, 0, 4).toArray();
            List<Integer> expected = mergeNaively(table, word);
            int count = merger.merge(word, length);
            assertThat(Arrays.copyOf(word, count))
                    .containsExactly(expected.stream().mapToInt(id -> id).toArray());
        }
    }

    /// Merges in any order, so that a merge often makes a pair of lower rank than its own, as no training does.
    private static MergeTable randomMerges(Random random) {
        int symbols = 24;
        MergeTable.Builder builder = new MergeTable.Builder(64);
        List<Integer> pairs = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int pair = random.nextInt(symbols) % (i < 20 ? 4 : symbols) * symbols
                    + random.nextInt(symbols) % (i < 20 ? 4 : symbols);
            if (!pairs.contains(pair)) {
                builder.add(pair / symbols, pair % symbols, pairs.size(), 4 + random.nextInt(symbols - 4));
                pairs.add(pair);
            }
        }
        return builder.build();
    }

    private static List<Integer> mergeNaively(MergeTable table, int[] word) {
        List<Integer> symbols = new ArrayList<>(Arrays.stream(word).boxed().toList());
        while (true) {
            int lowest = MergeTable.NO_RANK;
            int at = -1;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = table.rank(symbols.get(i), symbols.get(i + 1));
                if (rank < lowest) {
                    lowest = rank;
                    at = i;
                }
            }
            if (at < 0) {
                return symbols;
            }
            symbols.set(at, table.merged(lowest));
            symbols.subList(at + 1, at + 2).clear();
        }
    }

    @Test
    void gives_words_from_the_cache_what_it_gave_them_first() {
        String text = randomText(new Random(3), 300_000, 12);
        Tokenizer tokenizer = train(text.substring(0, 20_000), 1);
        List<Integer> oneByOne = new ArrayList<>();
        Text whole = Text.of(text);
        ByteLevelSplitter.gpt2().split(whole, 0, whole.length(), (word, from, to) -> {
            // a tokenizer's first word finds an empty cache
            TokenBuffer fresh = new TokenBuffer();
            tokenizer.model().encode(word, from, to, fresh);
            Arrays.stream(fresh.ids()).forEach(oneByOne::add);
        });
        int[] expected = oneByOne.stream().mapToInt(id -> id).toArray();

        assertThat(tokenizer.encode(text)).isEqualTo(expected);
        assertThat(tokenizer.encode(text)).isEqualTo(expected);
        assertThat(tokenizer.encoding(text, EncodeOptions.TEXT).ids()).isEqualTo(expected);
    }

    private static String randomText(Random random, int length, int letters) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int word = 1 + (int) Math.abs(random.nextGaussian() * 6);
            for (int i = 0; i < word; i++) {
                text.append((char) ('a' + random.nextInt(letters)));
            }
            text.append(random.nextInt(10) == 0 ? "é😀\n" : " ");
        }
        return text.toString();
    }

    private static Tokenizer withUnknownBytes(String settings) throws Exception {
        String json = """
            {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE","unk_token":"<unk>",
            %s"vocab":{"<unk>":0,"a":1,"<unk>a":2},"merges":["<unk> a"]}}
            """.formatted(settings);
        return TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unknown_bytes_in_a_row_are_one_token_if_the_file_says_so(boolean fused) throws Exception {
        Tokenizer tokenizer = withUnknownBytes("\"fuse_unk\":%s,".formatted(fused));
        Encoding encoding = tokenizer.encoding("aébba", EncodeOptions.TEXT);
        assertThat(encoding.ids()).containsExactly(fused ? new int[] {1, 2} : new int[] {1, 0, 0, 0, 2});
        assertThat(encoding.starts()).containsExactly(fused ? new int[] {0, 1} : new int[] {0, 1, 1, 2, 3});
        assertThat(encoding.ends()).containsExactly(fused ? new int[] {1, 5} : new int[] {1, 2, 2, 3, 5});
        assertThat(tokenizer.encode("aébba")).isEqualTo(encoding.ids());
        assertThat(tokenizer.model().json()).containsEntry("fuse_unk", fused);
    }

    @Test
    void bytes_of_letters_for_bytes_are_refused() {
        assertThatThrownBy(() -> withUnknownBytes("\"byte_fallback\":true,"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("model.byte_fallback")
                .hasMessageContaining("all 256 bytes");
    }

    @Test
    void an_unknown_token_is_not_lost_in_files_that_cannot_name_it() throws Exception {
        Tokenizer tokenizer = Tokenizer.builder()
                .splitter(ByteLevelSplitter.gpt2())
                .model(withUnknownBytes("").model())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MergesFile.write(tokenizer, Path.of("unused")))
                .withMessageContaining("unknown token");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufVocabulary.metadata(tokenizer))
                .withMessageContaining("unknown token");
    }

    @Test
    void a_token_merged_of_an_unknown_byte_keeps_places_inside_its_word() throws Exception {
        Encoding encoding = withUnknownBytes("").encoding("ba", EncodeOptions.TEXT);
        assertThat(encoding.ids()).containsExactly(2);
        assertThat(encoding.starts()).containsExactly(0);
        assertThat(encoding.ends()).containsExactly(2);
    }

    @Test
    void half_a_surrogate_pair_is_no_token() {
        String json = """
            {"added_tokens":[{"id":1,"content":"\\ud800"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}
            """;
        assertThatThrownBy(() -> TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("half a surrogate pair");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddedToken.special("a\ud800", 1))
                .withMessageContaining("half a surrogate pair");
    }

    @Test
    void a_special_token_that_the_corpus_spells_is_learned_as_the_token_that_it_is() {
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(262)
                .specialTokens("END")
                .build()
                .train(List.of("END END END ENDS ENDS"));

        // the reference gives a merge that spells a token the id of that token
        assertThat((List<?>) tokenizer.model().json().get("merges"))
                .isEqualTo(List.of(List.of("E", "N"), List.of("EN", "D"), List.of("Ġ", "END"), List.of("ĠEND", "S")));
        assertThat(tokenizer.encode("END", EncodeOptions.MARKUP)).containsExactly(0);
        assertThat(tokenizer.encode("END")).doesNotContain(0);
        assertThat(tokenizer.decode(tokenizer.encode("END ENDS"))).isEqualTo("END ENDS");
    }

    @Test
    void a_token_of_a_single_word_is_touched_by_words_only_not_by_tokens() {
        Tokenizer plain =
                BpeTrainer.builder().vocabularySize(256).specialTokens().build().train(List.of("abcd"));
        Tokenizer tokenizer = Tokenizer.builder()
                .splitter(ByteLevelSplitter.gpt2())
                .model(plain.model())
                .decoder(new ByteLevelDecoder(false, false, false))
                .addedToken(new AddedToken("ab", 256, false, false, false, false, false))
                .addedToken(new AddedToken("cd", 257, true, false, false, true, false))
                .build();

        assertThat(tokenizer.encode("abcd")).containsExactly(256, 257);
        assertThat(tokenizer.encode("xcd")).doesNotContain(257);
        assertThat(tokenizer.encode("abcdx")).doesNotContain(257);
    }
}
