package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

    /// Runs that a scanner may look through from each of their characters.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a", " ", "\n", "}", "😀", "漢a", " \u2003", "\u3000", "\u3000。", " \u3000", "☃ ", "½ ", "e\u0301", "'s"
            })
    void is_cut_into_words_by_every_scanner(String piece) {
        byte[] utf8 = piece.repeat(LENGTH / piece.length()).getBytes(StandardCharsets.UTF_8);
        for (Scanner scanner : KnownPatterns.SCANNERS.values()) {
            int at = 0;
            while (at < utf8.length) {
                int next = scanner.next(utf8, at, utf8.length);
                assertThat(next).isGreaterThan(at);
                at = next;
            }
            assertThat(at).isEqualTo(utf8.length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfoo", " foo"})
    void of_added_tokens_within_a_run_is_encoded(String piece) {
        Tokenizer made = Tokenizer.builder()
                .splitter(ByteLevelSplitter.gpt2())
                .model(tokenizer.model())
                .addedToken(AddedToken.special("foo", 1_000))
                .build();
        int count = LENGTH / piece.length();

        assertThat(made.encode(piece.repeat(count), EncodeOptions.MARKUP)).hasSize(2 * count);
    }

    private static List<Tokenizer> thatMakeTextsOfParts() {
        Tokenizer metaspace = tokenizer(
                null,
                new SequenceSplitter(
                        List.of(new WhitespaceOnlySplitter(), new MetaspaceSplitter('▁', PrependScheme.FIRST, true))));
        Tokenizer prefix = tokenizer(
                null, new SequenceSplitter(List.of(new DigitsSplitter(true), new ByteLevelSplitter(true, true, true))));
        Tokenizer normalized = tokenizer(new UnicodeNormalizer(Form.NFC), ByteLevelSplitter.gpt2());
        return List.of(metaspace, prefix, normalized);
    }

    private static Tokenizer tokenizer(@Nullable Normalizer normalizer, Splitter splitter) {
        return Tokenizer.builder()
                .normalizer(normalizer)
                .splitter(splitter)
                .model(CharacterTokenizer.of("aé1 ▁").model())
                .addedToken(AddedToken.special("<|x|>", 100))
                .addedToken(new AddedToken("<y>", 101, false, false, false, true, false))
                .build();
    }

    @ParameterizedTest
    @MethodSource("thatMakeTextsOfParts")
    void of_added_tokens_and_words_is_encoded(Tokenizer made) {
        int count = 2 * LENGTH / 16;
        String text = "aé<|x|>1<y> a 1a".repeat(count);
        Encoding encoding = made.encoding(text, EncodeOptions.MARKUP);
        ChatPrompt prompt = new ChatPrompt(text, List.of(new ChatPrompt.Span(0, 16), new ChatPrompt.Span(32, 48)));

        assertThat(made.encode(text, EncodeOptions.MARKUP)).isEqualTo(encoding.ids());
        for (int id : new int[] {100, 101}) {
            int[] places = IntStream.range(0, encoding.size())
                    .filter(i -> encoding.ids()[i] == id)
                    .toArray();
            assertThat(places).hasSize(count);
            assertThat(encoding.text(places[count - 1], text)).isEqualTo(id == 100 ? "<|x|>" : "<y>");
            assertThat(encoding.starts()[places[count - 1]]).isEqualTo(16 * (count - 1) + (id == 100 ? 2 : 8));
        }
        assertThat(made.encode(prompt)).hasSizeGreaterThan(encoding.size());
    }
}
