package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operation gives the same bits on one, two and three workers and on threads of an executor.
class WorkersTest {
    private static final long SEED = 17;

    static Stream<OpCase> cases() {
        return Stream.concat(OpCase.all().stream(), large().stream());
    }

    /// Inputs that are more than one block.
    private static List<OpCase> large() {
        List<OpCase> cases = new ArrayList<>();
        Shape x = Shape.of(150, 320);
        Shape w = Shape.of(320);
        int[] ids = new int[150];
        Arrays.setAll(ids, t -> t * 7 % 11);
        AttentionSpec spec = AttentionSpec.causal(4, 2, 40);
        Sequences sequences = new Sequences(new int[] {0, 70, 71, 150});
        CrossEntropy.Options options = new CrossEntropy.Options(0.1f, 0.01f);
        add(cases, "layer norm", LayerNorm.class, (p, v) -> LayerNorm.apply(p, v[0], v[1], v[2], 1e-5f), x, w, w);
        add(cases, "rms norm", RmsNorm.class, (p, v) -> RmsNorm.apply(p, v[0], v[1], 1e-5f, 0), x, w);
        add(cases, "gate", Gate.class, (p, v) -> Gate.apply(p, Activation.SILU, v[0]), x);
        add(cases, "add", Add.class, (p, v) -> Add.apply(p, v[0], v[1]), x, x);
        add(cases, "dropout", Dropout.class, (p, v) -> Dropout.apply(p, v[0], 0.1f), x);
        add(cases, "embedding", Embedding.class, (p, v) -> Embedding.apply(p, v[0], ids), Shape.of(11, 320));
        add(
                cases,
                "linear",
                Linear.class,
                (p, v) -> Linear.apply(p, v[0], v[1], v[2]),
                x,
                Shape.of(200, 320),
                Shape.of(200));
        add(
                cases,
                "linear, activated",
                Linear.class,
                (p, v) -> Linear.activated(p, Activation.GELU_ERF, v[0], v[1], v[2]),
                x,
                Shape.of(200, 320),
                Shape.of(200));
        add(cases, "attention", Attention.class, (p, v) -> Attention.apply(p, v[0], spec, sequences, null), x);
        add(cases, "cross-entropy", CrossEntropy.class, (p, v) -> CrossEntropy.apply(p, v[0], ids, options), x);
        add(
                cases,
                "linear cross-entropy",
                LinearCrossEntropy.class,
                (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], v[2], ids, options),
                x,
                Shape.of(300, 320),
                Shape.of(300));
        return cases;
    }

    private static void add(List<OpCase> cases, String name, Class<?> op, OpCase.Function function, Shape... shapes) {
        cases.add(new OpCase("large " + name, op, List.of(shapes), function));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_number_of_workers_changes_no_bit(OpCase op) {
        Tensor[] inputs = op.inputs(Randomness.mix(SEED));
        OpResult one = result(op, inputs, Compute.create(1));
        assertSame(one, result(op, inputs, Compute.create(2)), "2 workers");
        assertSame(one, result(op, inputs, Compute.create(3)), "3 workers");
        assertSame(one, result(op, inputs, Compute.on(Thread::startVirtualThread, 3)), "3 threads of an executor");
    }

    private static OpResult result(OpCase op, Tensor[] inputs, Compute compute) {
        try (compute) {
            return OpResult.of(compute, op, inputs);
        }
    }

    private static void assertSame(OpResult one, OpResult several, String workers) {
        assertThat(several.output()).as("output, %s", workers).containsExactly(one.output());
        for (int i = 0; i < one.gradients().length; i++) {
            assertThat(several.gradients()[i])
                    .as("gradient of input %d, %s", i, workers)
                    .containsExactly(one.gradients()[i]);
        }
    }
}
