package io.localcodemodel.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuidedCutsTest {
    private final GuidedCuts cuts = new GuidedCuts();

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "43, 10, 2", "22, 22, 3", "5, 100, 8", "1000, 7, 16"})
    void parts_of_several_workers_cover_the_extent_and_never_get_longer(int units, int most, int workers) {
        cuts.cut(units, most, workers);
        assertThat(cuts.start(0)).isZero();
        assertThat(cuts.end(cuts.count() - 1)).isEqualTo(units);
        for (int i = 0; i < cuts.count(); i++) {
            int length = cuts.end(i) - cuts.start(i);
            assertThat(length).isBetween(1, i == 0 ? most : cuts.end(i - 1) - cuts.start(i - 1));
            assertThat(cuts.start(i)).isEqualTo(i == 0 ? 0 : cuts.end(i - 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"43, 2", "1000, 16"})
    void the_last_parts_are_single_units_and_the_first_are_not(int units, int workers) {
        cuts.cut(units, units, workers);
        assertThat(cuts.end(0)).isGreaterThan(4);
        assertThat(cuts.start(cuts.count() - workers)).isEqualTo(units - workers);
    }

    @ParameterizedTest
    @CsvSource({"43, 10, 5", "40, 10, 4", "3, 10, 1"})
    void one_worker_gets_as_few_parts_as_possible_of_nearly_one_length(int units, int most, int parts) {
        cuts.cut(units, most, 1);
        assertThat(cuts.count()).isEqualTo(parts);
        for (int i = 0; i < parts; i++) {
            assertThat(cuts.end(i) - cuts.start(i)).isBetween(units / parts, Math.ceilDiv(units, parts));
        }
        assertThat(cuts.end(parts - 1)).isEqualTo(units);
    }
}
