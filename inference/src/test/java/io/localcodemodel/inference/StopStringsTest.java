package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Randomness;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {
    private static String read(StopStrings stops, String... pieces) {
        StringBuilder text = new StringBuilder();
        for (String piece : pieces) {
            text.append(stops.add(piece));
        }
        return text.append(stops.finish()).toString();
    }

    @Test
    void finds_a_stop_string_that_spans_pieces() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(read(stops, "abcE", "N", "Dxyz")).isEqualTo("abc");
        assertThat(stops.found()).isEqualTo("END");
    }

    @Test
    void holds_back_only_what_may_begin_a_stop_string() {
        StopStrings stops = new StopStrings(List.of("\n\n", "</s>"));
        assertThat(stops.add("a\n")).isEqualTo("a");
        assertThat(stops.add("b<")).isEqualTo("\nb");
        assertThat(stops.add("/")).isEmpty();
        assertThat(stops.add("/")).isEqualTo("<//");
        assertThat(stops.finish()).isEmpty();
        assertThat(stops.found()).isNull();
    }

    @Test
    void gives_back_what_was_held_when_the_text_ends() {
        assertThat(read(new StopStrings(List.of("END")), "xEN")).isEqualTo("xEN");
    }

    @Test
    void a_beginning_that_overlaps_itself_is_not_lost() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertThat(read(stops, "a", "a", "a", "b")).isEqualTo("a");
        assertThat(stops.found()).isEqualTo("aab");
    }

    @Test
    void the_stop_string_that_is_complete_first_wins_and_then_the_longer_one() {
        StopStrings first = new StopStrings(List.of("abcd", "bc"));
        assertThat(read(first, "abcd")).isEqualTo("a");
        assertThat(first.found()).isEqualTo("bc");
        StopStrings longer = new StopStrings(List.of("c", "bc"));
        assertThat(read(longer, "abcd")).isEqualTo("a");
        assertThat(longer.found()).isEqualTo("bc");
    }

    @Test
    void the_outcome_does_not_depend_on_how_the_text_is_cut() {
        List<String> stops = List.of("aba", "bb", "abab", "ca");
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                text.append((char) ('a' + (int) (3 * Randomness.uniform(round, i))));
            }
            StopStrings whole = new StopStrings(stops);
            String expected = read(whole, text.toString());
            int cut = round % 13;
            StopStrings cutOnce = new StopStrings(stops);
            assertThat(read(cutOnce, text.substring(0, cut), text.substring(cut)))
                    .isEqualTo(expected);
            StopStrings characters = new StopStrings(stops);
            assertThat(read(characters, text.toString().split("")))
                    .as(text.toString())
                    .isEqualTo(expected);
            assertThat(characters.found()).isEqualTo(whole.found()).isEqualTo(cutOnce.found());
        }
    }

    @Test
    void without_stop_strings_all_text_passes_at_once() {
        assertThat(new StopStrings(List.of()).add("text")).isEqualTo("text");
    }
}
