package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.format.BlockFormat;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Frozen weights in a block format, as a model with adapters uses them.
class LinearBlocksTest {
    private static final int OUT = 300;
    private static final int IN = 256;

    private static Tensor random(int seed, int... dimensions) {
        Tensor tensor = Tensor.zeros(Shape.of(dimensions));
        Randomness.fillNormal(tensor, 1, seed);
        return tensor;
    }

    @ParameterizedTest
    @EnumSource
    void gives_the_output_and_the_input_gradient_of_the_decoded_weight(BlockFormat format) {
        Tensor plain = random(1, OUT, IN);
        try (java.lang.foreign.Arena memory = java.lang.foreign.Arena.ofShared();
                Compute compute = Compute.create(2)) {
            MemorySegment segment = memory.allocate(format.bytes(plain.size()));
            format.encode(plain.array(), 0, segment, 0, plain.size());
            format.decode(segment, 0, plain.array(), 0, plain.size());
            Tensor blocks = new Tensor(plain.shape(), new BlockStorage(segment, 0, format, plain.size()));
            for (int rows : new int[] {1, 2, 40}) {
                Var expectedX = Var.parameter(random(2, rows, IN));
                Var actualX = Var.parameter(random(2, rows, IN));
                Tensor expected = run(compute, expectedX, Var.constant(plain));
                Tensor actual = run(compute, actualX, Var.constant(blocks));
                assertThat(actual.toArray()).containsExactly(expected.toArray(), within(1e-3f));
                assertThat(relativeError(actual.toArray(), expected.toArray())).isLessThan(1e-5);
                assertThat(relativeError(
                                actualX.gradient().toArray(),
                                expectedX.gradient().toArray()))
                        .isLessThan(1e-5);
            }
            Var trained = Var.parameter(blocks);
            Var x = Var.constant(random(3, 1, IN));
            try (Pass pass = Pass.recording(compute, new Arena())) {
                assertThatThrownBy(() -> Linear.apply(pass, x, trained, null))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("cannot be trained");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gives_the_loss_and_the_gradient_of_the_decoded_output_weight(BlockFormat format) {
        Tensor plain = random(1, OUT, IN);
        try (java.lang.foreign.Arena memory = java.lang.foreign.Arena.ofShared();
                Compute compute = Compute.create(2)) {
            MemorySegment segment = memory.allocate(format.bytes(plain.size()));
            format.encode(plain.array(), 0, segment, 0, plain.size());
            format.decode(segment, 0, plain.array(), 0, plain.size());
            Tensor blocks = new Tensor(plain.shape(), new BlockStorage(segment, 0, format, plain.size()));
            Var expectedHidden = Var.parameter(random(2, 5, IN));
            Var actualHidden = Var.parameter(random(2, 5, IN));
            float expected = loss(compute, expectedHidden, Var.constant(plain));
            assertThat(loss(compute, actualHidden, Var.constant(blocks))).isCloseTo(expected, within(1e-4f * expected));
            assertThat(relativeError(
                            actualHidden.gradient().toArray(),
                            expectedHidden.gradient().toArray()))
                    .isLessThan(1e-4);
            assertThatThrownBy(() -> loss(compute, actualHidden, Var.parameter(blocks)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("linear cross-entropy: a weight in " + format + " cannot be trained");
        }
    }

    private static float loss(Compute compute, Var hidden, Var weight) {
        int[] targets = {0, 7, 299, CrossEntropy.IGNORE, 150};
        try (Pass pass = Pass.recording(compute, new Arena())) {
            Var loss = LinearCrossEntropy.apply(pass, hidden, weight, null, targets, CrossEntropy.Options.PLAIN);
            float value = loss.value().scalar();
            pass.backward(loss);
            return value;
        }
    }

    private static Tensor run(Compute compute, Var x, Var weight) {
        try (Pass pass = Pass.recording(compute, new Arena())) {
            Var y = Linear.apply(pass, x, weight, null);
            Tensor kept = Tensor.of(y.shape(), y.value().toArray());
            Var loss = WeightedSum.apply(pass, y, random(5, y.value().size()).array());
            pass.backward(loss);
            return kept;
        }
    }

    private static double relativeError(float[] actual, float[] expected) {
        double error = 0;
        double size = 0;
        for (int i = 0; i < actual.length; i++) {
            error += Math.pow(actual[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(error / size);
    }
}
