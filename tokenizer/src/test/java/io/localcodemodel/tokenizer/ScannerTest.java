package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The hand-written scanners beside the patterns they stand for.
class ScannerTest {

    /// Pieces that the patterns treat specially, and characters of every class and width.
    private static final String[] PIECES = {
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "\u00a0",
        "\u2028",
        "\u3000",
        "\u0085",
        "\u000b",
        "'",
        "'s",
        "'S",
        "'ll",
        "'LL",
        "'re",
        "'Ve",
        "'d",
        "'t",
        "'M",
        "'ſ",
        "'x",
        "a",
        "b",
        "Z",
        "Q",
        "word",
        "Word",
        "WORD",
        "camelCase",
        "1",
        "23",
        "4567",
        "٣",
        "Ⅷ",
        "½",
        "²",
        "é",
        "É",
        "e\u0301",
        "\u0301",
        "\u0903",
        "ǅ",
        "ß",
        "ſ",
        "ı",
        "İ",
        "K",
        "ʰ",
        "ˢ",
        "日",
        "本語",
        "ア",
        "ท",
        "ي",
        "😀",
        "👨\u200d👩",
        "🏳️",
        "𐐀",
        "𐐨",
        "𝒳",
        "𝟘",
        ".",
        ",",
        "/",
        "//",
        "-",
        "==",
        "_",
        "(",
        ")",
        "{",
        "}",
        ";",
        "#",
        "\u200b",
        "\u00ad",
        "\u0000",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\udbff\udfff",
        "<",
        "|>"
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                Gpt2Scanner.PATTERN,
                Cl100kScanner.PATTERN,
                Cl100kScanner.SINGLE_NUMBERS,
                Cl100kScanner.POSSESSIVE,
                O200kScanner.PATTERN,
                "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s"
            })
    void cuts_random_text_as_the_pattern_does(String pattern) {
        Scanner scanner = KnownPatterns.scanner(pattern);
        assertThat(scanner).isNotNull();
        Pattern compiled = RegexSyntax.compile(pattern);
        Random random = new Random(pattern.hashCode());
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int pieces = random.nextInt(12);
            for (int i = 0; i < pieces; i++) {
                if (random.nextInt(8) == 0) {
                    text.appendCodePoint(randomCodePoint(random));
                } else {
                    text.append(PIECES[random.nextInt(PIECES.length)]);
                }
            }
            String string = text.toString();
            assertThat(scan(scanner, string)).as("round %d", round).isEqualTo(match(compiled, string));
        }
    }

    private static int randomCodePoint(Random random) {
        while (true) {
            int codePoint = random.nextInt(random.nextBoolean() ? 0x3000 : Character.MAX_CODE_POINT + 1);
            if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                return codePoint;
            }
        }
    }

    private static List<String> scan(Scanner scanner, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>();
        for (int at = 0; at < utf8.length; ) {
            int next = scanner.next(utf8, at, utf8.length);
            words.add(new String(utf8, at, next - at, StandardCharsets.UTF_8));
            at = next;
        }
        return words;
    }

    private static List<String> match(Pattern pattern, String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Gpt2Scanner.PATTERN,
                Cl100kScanner.PATTERN,
                Cl100kScanner.SINGLE_NUMBERS,
                Cl100kScanner.POSSESSIVE,
                O200kScanner.PATTERN
            })
    void a_text_cut_before_a_space_after_a_letter_gives_the_same_words(String pattern) {
        Scanner scanner = KnownPatterns.scanner(pattern);
        assertThat(scanner).isNotNull();
        Random random = new Random(pattern.length());
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 30; i++) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            String string = text.toString();
            for (int at = 1; at < string.length(); at++) {
                if (TextParts.mayCut(string.charAt(at - 1), string.charAt(at))) {
                    List<String> parts = scan(scanner, string.substring(0, at));
                    parts.addAll(scan(scanner, string.substring(at)));
                    assertThat(parts).isEqualTo(scan(scanner, string));
                }
            }
        }
    }
}
