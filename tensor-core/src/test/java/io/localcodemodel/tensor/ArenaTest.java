package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaTest {
    private final Arena arena = new Arena();

    @Test
    void lends_the_same_places_to_the_same_requests() {
        List<Integer> first = offsetsOfAStep();
        long reserved = arena.reservedBytes();

        assertThat(offsetsOfAStep()).isEqualTo(first);
        assertThat(arena.reservedBytes()).isEqualTo(reserved);
    }

    private List<Integer> offsetsOfAStep() {
        List<Tensor> lent = new ArrayList<>();
        for (int i = 1; i < 60; i++) {
            lent.add(arena.allocate(Shape.of(i * 977)));
            if (i % 3 == 0) {
                arena.release(lent.remove(i / 3));
            }
        }
        List<Integer> offsets = lent.stream().map(Tensor::offset).toList();
        lent.forEach(arena::release);
        return offsets;
    }

    @Test
    void joins_free_neighbours_on_both_sides() {
        Tensor a = arena.allocate(Shape.of(100));
        Tensor b = arena.allocate(Shape.of(100));
        Tensor c = arena.allocate(Shape.of(100));
        Tensor guard = arena.allocate(Shape.of(1));
        int start = a.offset();
        arena.release(a);
        arena.release(c);
        arena.release(b);

        Tensor whole = arena.allocate(Shape.of(3 * 112));

        assertThat(whole.offset()).isEqualTo(start);
        arena.release(guard);
        arena.release(whole);
    }

    @Test
    void shrinks_a_tensor_to_its_beginning_and_lends_the_rest_again() {
        Tensor whole = arena.allocate(Shape.of(200));
        whole.fill(7);

        Tensor beginning = arena.shrink(whole, Shape.of(100));

        assertThat(beginning.toArray()).hasSize(100).containsOnly(7);
        assertThat(beginning.offset()).isEqualTo(whole.offset());
        assertThat(arena.usedBytes()).isEqualTo(112 * 4);
        Tensor rest = arena.allocate(Shape.of(96));
        assertThat(rest.offset()).isEqualTo(whole.offset() + 112);
        assertThatThrownBy(() -> arena.release(whole)).isInstanceOf(IllegalStateException.class);
        arena.release(rest);
        arena.release(beginning);
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void lends_spans_that_do_not_overlap() {
        Random random = new Random(3);
        List<Tensor> lent = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            if (!lent.isEmpty() && random.nextInt(5) < 2) {
                Tensor back = lent.remove(random.nextInt(lent.size()));
                float mark = back.array()[back.offset()];
                assertThat(back.toArray()).containsOnly(mark);
                arena.release(back);
            } else {
                Tensor tensor = arena.allocate(Shape.of(1 + random.nextInt(3_000)));
                tensor.fill(i);
                lent.add(tensor);
            }
        }
        lent.forEach(arena::release);
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void counts_what_is_lent_and_the_most_that_was() {
        Tensor a = arena.allocate(Shape.of(16));
        Tensor b = arena.allocate(Shape.of(17));
        assertThat(arena.usedBytes()).isEqualTo((16 + 32) * 4);
        arena.release(a);
        arena.release(b);

        assertThat(arena.usedBytes()).isZero();
        assertThat(arena.peakBytes()).isEqualTo((16 + 32) * 4);
    }

    @Test
    void starts_small_and_serves_what_is_larger_than_a_slab() {
        arena.release(arena.allocate(Shape.of(10)));
        assertThat(arena.reservedBytes()).isLessThanOrEqualTo(1 << 20);

        Tensor large = arena.allocate(Shape.of(6_000_000));
        large.fill(1);
        arena.release(large);
        assertThat(arena.reservedBytes()).isLessThan(6_000_000L * 4 + (2 << 20));
    }

    @Test
    void an_empty_tensor_can_be_lent() {
        Tensor empty = arena.allocate(Shape.of(0, 4));

        assertThat(empty.size()).isZero();
        arena.release(empty);
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void refuses_a_second_release_and_a_foreign_tensor() {
        Tensor tensor = arena.allocate(Shape.of(3));
        arena.release(tensor);

        assertThatThrownBy(() -> arena.release(tensor))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has not lent");
        assertThatThrownBy(() -> arena.release(Tensor.zeros(Shape.of(3)))).isInstanceOf(IllegalStateException.class);
    }
}
