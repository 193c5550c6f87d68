package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The gradient of every operation against central differences along random directions.
class GradientTest {
    private static final long SEED = 11;
    private static final float STEP = 4e-3f;

    static List<OpCase> cases() {
        return OpCase.all();
    }

    @Test
    void every_operation_of_the_package_has_a_case() throws Exception {
        Set<String> tested =
                OpCase.all().stream().map(op -> op.op().getSimpleName()).collect(Collectors.toSet());

        assertThat(tested).containsAll(operations());
    }

    /// The classes of the package with a public static method `apply` of a pass that returns a variable.
    private static Set<String> operations() throws IOException, URISyntaxException, ClassNotFoundException {
        URI classes = Linear.class.getResource("Linear.class").toURI();
        Set<String> operations = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of(classes).getParent())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> found = Class.forName(Linear.class.getPackageName() + "." + name);
                if (Arrays.stream(found.getDeclaredMethods()).anyMatch(GradientTest::isOperation)) {
                    operations.add(name);
                }
            }
        }
        assertThat(operations).contains("Linear", "Attention", "LinearCrossEntropy");
        return operations;
    }

    private static boolean isOperation(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && Modifier.isStatic(method.getModifiers())
                && method.getReturnType() == Var.class
                && method.getParameterCount() > 0
                && method.getParameterTypes()[0] == Pass.class;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_gradient_is_the_slope_along_random_directions(OpCase op) {
        try (Compute compute = Compute.reference()) {
            Tensor[] inputs = op.inputs(SEED);
            float[][] gradients = OpResult.of(compute, op, inputs).gradients();
            for (int trial = 0; trial < 4; trial++) {
                for (int moved = 0; moved < inputs.length; moved++) {
                    Tensor direction = Tensor.zeros(inputs[moved].shape());
                    Randomness.fillNormal(direction, 1, 100 * trial + moved);
                    double expected = slope(compute, op, inputs, moved, direction);
                    double found = 0;
                    double size = 0;
                    for (int i = 0; i < direction.size(); i++) {
                        double term = (double) gradients[moved][i] * direction.array()[i];
                        found += term;
                        size += term * term;
                    }
                    assertThat(found)
                            .as("input %d, trial %d", moved, trial)
                            .isCloseTo(expected, within(2e-3 * Math.sqrt(size) + 2e-4));
                }
            }
        }
    }

    /// Richardson's extrapolation of two central differences, whose error is of the fourth order of the step.
    private static double slope(Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction) {
        double coarse = difference(compute, op, inputs, moved, direction, 2 * STEP);
        double fine = difference(compute, op, inputs, moved, direction, STEP);
        return (4 * fine - coarse) / 3;
    }

    private static double difference(
            Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction, float step) {
        return (objective(compute, op, inputs, moved, direction, step)
                        - objective(compute, op, inputs, moved, direction, -step))
                / (2.0 * step);
    }

    private static double objective(
            Compute compute, OpCase op, Tensor[] inputs, int moved, Tensor direction, float step) {
        Tensor[] shifted = inputs.clone();
        shifted[moved] = Tensor.of(inputs[moved].shape(), inputs[moved].toArray());
        for (int j = 0; j < direction.size(); j++) {
            shifted[moved].array()[j] += step * direction.array()[j];
        }
        float[] y = OpResult.forward(compute, op.function(), shifted);
        float[] weights = OpResult.weights(Shape.of(y.length));
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += (double) weights[i] * y[i];
        }
        return sum;
    }
}
