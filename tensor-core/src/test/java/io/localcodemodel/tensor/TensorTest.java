package io.localcodemodel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
    private final Tensor matrix = Tensor.of(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);

    @Test
    void rows_share_the_array() {
        Tensor middle = matrix.rows(1, 2);

        middle.fill(9);

        assertThat(middle.shape()).isEqualTo(Shape.of(1, 2));
        assertThat(matrix.toArray()).containsExactly(1, 2, 9, 9, 5, 6);
    }

    @Test
    void refuses_rows_outside() {
        assertThatThrownBy(() -> matrix.rows(2, 4))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("rows 2 to 4");
        assertThatThrownBy(() -> matrix.rows(2, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void reshapes_without_copying_and_only_to_the_same_size() {
        assertThat(matrix.reshape(Shape.of(6)).array()).isSameAs(matrix.array());
        assertThatThrownBy(() -> matrix.reshape(Shape.of(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs 4 elements");
    }

    @Test
    void a_copy_is_independent() {
        float[] copy = matrix.toArray();
        copy[0] = 7;

        assertThat(matrix.array()[0]).isEqualTo(1);
    }

    @Test
    void only_a_single_number_is_a_scalar() {
        assertThat(Tensor.of(Shape.SCALAR, 4).scalar()).isEqualTo(4);
        assertThatThrownBy(matrix::scalar)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("[3, 2]");
    }

    @Test
    void refuses_a_span_that_leaves_its_array() {
        assertThatThrownBy(() -> new FloatStorage(new float[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
