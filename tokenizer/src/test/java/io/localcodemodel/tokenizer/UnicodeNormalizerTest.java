package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer.Form;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnicodeNormalizerTest {

    private static final int[] RANGES = {
        0x20, 0x300, 0x300, 0x370, 0x900, 0xE00, 0x1100, 0x1200, 0x3040, 0x3200, 0xAC00, 0xAD00, 0xFB00, 0xFB50, 0xFF00,
        0x10000, 0x11000, 0x11400, 0x1D100, 0x1D200
    };

    @ParameterizedTest
    @EnumSource(Form.class)
    void gives_what_normalising_the_whole_text_at_once_gives(Form form) {
        Random random = new Random(form.name().hashCode());
        UnicodeNormalizer normalizer = new UnicodeNormalizer(form);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int range = 2 * random.nextInt(RANGES.length / 2);
            for (int i = 0; i < 8; i++) {
                int other = random.nextInt(3) == 0 ? 2 * random.nextInt(RANGES.length / 2) : range;
                text.appendCodePoint(random.nextInt(RANGES[other], RANGES[other + 1]));
            }
            String expected = java.text.Normalizer.normalize(text, form);
            assertThat(normalizer.normalize(Text.of(text.toString())).string()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void long_runs_of_marks_give_what_the_plain_way_gives(Form form) {
        Random random = new Random(7);
        UnicodeNormalizer normalizer = new UnicodeNormalizer(form);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder("e");
            for (int i = 0; i < 150; i++) {
                int mark = random.nextInt(5) == 0 ? random.nextInt(0x591, 0x5BE) : random.nextInt(0x300, 0x370);
                text.appendCodePoint(random.nextInt(40) == 0 ? 0x1161 + random.nextInt(9) : mark);
            }
            assertThat(normalizer.normalize(Text.of(text.toString())).string())
                    .isEqualTo(java.text.Normalizer.normalize(text, form));
        }
        int marks = 500_000;
        String many = "e" + "\u0301\u0316".repeat(marks);
        String ordered = "e" + "\u0316".repeat(marks) + "\u0301".repeat(marks);
        assertThat(normalizer.normalize(Text.of(many)).string())
                .isEqualTo(java.text.Normalizer.normalize(ordered, form));
    }

    @Test
    void knows_where_each_character_came_from() {
        Text text = new UnicodeNormalizer(Form.NFC).normalize(Text.of("ae\u0301b"));

        assertThat(text.string()).isEqualTo("a\u00e9b");
        assertThat(text.sourceStart(1)).isEqualTo(1);
        assertThat(text.sourceEnd(3)).isEqualTo(3);
        assertThat(text.sourceStart(3)).isEqualTo(3);
    }
}
