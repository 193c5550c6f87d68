package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import org.junit.jupiter.api.Test;

class PanelUseTest {
    private final Var weight = Var.parameter(Tensor.zeros(Shape.of(4, 4)));

    private Panels next() {
        return weight.panels(Layout.NT);
    }

    @Test
    void a_weight_that_is_used_once_between_two_changes_is_not_kept() {
        for (int step = 0; step < 3; step++) {
            assertThat(next()).isNull();
            weight.changed();
        }
    }

    @Test
    void a_weight_is_kept_from_its_second_use_on_and_across_changes() {
        assertThat(next()).isNull();
        Panels panels = next();
        assertThat(panels).isNotNull();
        assertThat(next()).isSameAs(panels);
        weight.changed();
        assertThat(next()).isSameAs(panels);
        assertThat(next()).isSameAs(panels);
    }

    @Test
    void the_memory_goes_when_a_version_was_used_only_once() {
        next();
        next();
        weight.changed();
        next();
        weight.changed();
        assertThat(next()).isNull();
    }

    @Test
    void each_layout_is_counted_by_itself() {
        assertThat(weight.panels(Layout.NT)).isNull();
        assertThat(weight.panels(Layout.NN)).isNull();
        assertThat(weight.panels(Layout.NN)).isNotNull().isNotSameAs(weight.panels(Layout.NT));
    }
}
