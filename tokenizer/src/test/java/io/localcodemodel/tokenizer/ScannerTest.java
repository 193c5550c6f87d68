package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
        "|>",
        "+",
        "　　",
        "。",
        "“",
        "，",
        "\u2003",
        "Ａ",
        "：",
        "ẞ",
        "ᾳ",
        "ぁ",
        "゛",
        "カ・",
        "\u3099",
        "가",
        "ힰ",
        "鿋",
        "Ⅷ２",
        "\u0001\u0002",
        "\ufffe"
    };

    static List<List<String>> patterns() {
        return List.copyOf(KnownPatterns.SCANNERS.keySet());
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void cuts_random_text_as_the_patterns_do(List<String> patterns) {
        Scanner scanner = KnownPatterns.SCANNERS.get(patterns);
        List<Pattern> compiled = patterns.stream().map(RegexSyntax::compile).toList();
        Random random = new Random(patterns.hashCode());
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
            assertThat(scan(scanner, string))
                    .as("round %d of %s", round, patterns)
                    .isEqualTo(cut(compiled, string));
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

    /// Cuts a text by one pattern after the other; what is between two matches is a word as well.
    private static List<String> cut(List<Pattern> patterns, String text) {
        List<String> words = text.isEmpty() ? List.of() : List.of(text);
        for (Pattern pattern : patterns) {
            List<String> parts = new ArrayList<>();
            for (String word : words) {
                int at = 0;
                Matcher matcher = pattern.matcher(word);
                while (matcher.find()) {
                    if (matcher.start() > at) {
                        parts.add(word.substring(at, matcher.start()));
                    }
                    parts.add(matcher.group());
                    at = matcher.end();
                }
                if (at < word.length()) {
                    parts.add(word.substring(at));
                }
            }
            words = parts;
        }
        return words;
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void a_text_cut_before_a_space_after_a_letter_gives_the_same_words(List<String> patterns) {
        Scanner scanner = KnownPatterns.SCANNERS.get(patterns);
        Random random = new Random(patterns.hashCode());
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
