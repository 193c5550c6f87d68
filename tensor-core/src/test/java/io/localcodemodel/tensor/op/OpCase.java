package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A differentiable operation on small inputs, described once and used by every test of all operations.
///
/// @param name what the case is called in a report
/// @param op the class of the operation
/// @param shapes the shapes of its differentiable inputs
/// @param function the operation
record OpCase(String name, Class<?> op, List<Shape> shapes, Function function) {
    /// An operation of variables.
    @FunctionalInterface
    interface Function {
        Var apply(Pass pass, Var[] inputs);
    }

    /// Inputs drawn from a normal distribution and pushed away from zero, where some activations have a kink.
    Tensor[] inputs(long seed) {
        Tensor[] inputs = new Tensor[shapes.size()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = Tensor.zeros(shapes.get(i));
            Randomness.fillNormal(inputs[i], 0.7f, Randomness.mix(seed + i));
            float[] values = inputs[i].array();
            for (int j = 0; j < values.length; j++) {
                values[j] += Math.copySign(0.05f, values[j]);
            }
        }
        return inputs;
    }

    @Override
    public String toString() {
        return name;
    }

    /// Every operation of the package, with its variants.
    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        addPointwise(cases);
        addRows(cases);
        addAttention(cases);
        addLosses(cases);
        return cases;
    }

    private static void add(List<OpCase> cases, String name, Class<?> op, Function function, int[]... shapes) {
        List<Shape> list = new ArrayList<>();
        for (int[] shape : shapes) {
            list.add(Shape.of(shape));
        }
        cases.add(new OpCase(name, op, list, function));
    }

    private static int[] shape(int... dimensions) {
        return dimensions;
    }

    private static void addPointwise(List<OpCase> cases) {
        for (Activation activation : Activation.values()) {
            add(
                    cases,
                    "activate " + activation,
                    Activate.class,
                    (p, x) -> Activate.apply(p, activation, x[0]),
                    shape(5, 37));
            add(cases, "gate " + activation, Gate.class, (p, x) -> Gate.apply(p, activation, x[0]), shape(3, 42));
        }
        add(cases, "add", Add.class, (p, x) -> Add.apply(p, x[0], x[1]), shape(3, 17), shape(3, 17));
        add(cases, "add to itself", Add.class, (p, x) -> Add.apply(p, x[0], x[0]), shape(3, 17));
        add(cases, "scale", Scale.class, (p, x) -> Scale.apply(p, x[0], -1.7f), shape(3, 17));
        add(
                cases,
                "head norm of each head",
                HeadNorm.class,
                (p, x) -> HeadNorm.apply(p, x[0], x[1], x[2], 4, 2, 5, 1e-5f, 0),
                shape(3, 40),
                shape(5),
                shape(5));
        add(
                cases,
                "head norm of all heads",
                HeadNorm.class,
                (p, x) -> HeadNorm.apply(p, x[0], x[1], x[2], 4, 2, 5, 1e-5f, 1),
                shape(3, 40),
                shape(20),
                shape(10));
        add(cases, "dropout", Dropout.class, (p, x) -> Dropout.apply(p, x[0], 0.3f), shape(9, 17));
    }

    private static void addRows(List<OpCase> cases) {
        int[] x = shape(5, 19);
        int[] w = shape(19);
        add(cases, "linear", Linear.class, (p, v) -> Linear.apply(p, v[0], v[1], null), x, shape(7, 19));
        add(
                cases,
                "linear with bias",
                Linear.class,
                (p, v) -> Linear.apply(p, v[0], v[1], v[2]),
                x,
                shape(7, 19),
                shape(7));
        add(
                cases,
                "linear with residual",
                Linear.class,
                (p, v) -> Linear.apply(p, v[0], v[1], v[2], v[3]),
                x,
                shape(7, 19),
                shape(7),
                shape(5, 7));
        for (Activation activation : Activation.values()) {
            add(
                    cases,
                    "linear, activated by " + activation,
                    Linear.class,
                    (p, v) -> Linear.activated(p, activation, v[0], v[1], v[2]),
                    x,
                    shape(7, 19),
                    shape(7));
        }
        add(cases, "rms norm", RmsNorm.class, (p, v) -> RmsNorm.apply(p, v[0], v[1], 1e-5f, 0), x, w);
        add(cases, "rms norm, shifted", RmsNorm.class, (p, v) -> RmsNorm.apply(p, v[0], v[1], 1e-5f, 1), x, w);
        add(cases, "layer norm", LayerNorm.class, (p, v) -> LayerNorm.apply(p, v[0], v[1], v[2], 1e-5f), x, w, w);
        add(cases, "layer norm, no bias", LayerNorm.class, (p, v) -> LayerNorm.apply(p, v[0], v[1], null, 1e-5f), x, w);
        int[] ids = {3, 0, 3, 8, 1};
        int[] positions = {0, 1, 0, 1, 2};
        add(cases, "embedding", Embedding.class, (p, v) -> Embedding.apply(p, v[0], ids), shape(9, 70));
        add(
                cases,
                "embedding with positions",
                Embedding.class,
                (p, v) -> Embedding.apply(p, v[0], ids, v[1], positions),
                shape(9, 70),
                shape(4, 70));
        for (boolean interleaved : new boolean[] {false, true}) {
            for (int rotated : new int[] {8, 4}) {
                RotaryTable table = new RotaryTable(RotaryTable.inverseFrequencies(rotated, 10_000), 8, interleaved);
                String name = "rotary, " + rotated + " of 8" + (interleaved ? ", interleaved" : "");
                // The operation works in place, so the case hands it a copy of its input.
                add(
                        cases,
                        name,
                        Rotary.class,
                        (p, v) -> Rotary.apply(
                                p, Activate.apply(p, Activation.IDENTITY, v[0]), table, positions, 4, 2, 8),
                        shape(5, 64));
            }
        }
    }

    private static void addAttention(List<OpCase> cases) {
        Sequences sequences = new Sequences(new int[] {0, 5, 6, 13});
        for (Mask mask : List.of(new Mask.Causal(), new Mask.SlidingWindow(3), new Mask.Bidirectional())) {
            for (int kvHeads : new int[] {1, 2, 4}) {
                AttentionSpec spec = new AttentionSpec(4, kvHeads, 8, 0.4f, mask);
                int[] qkv = shape(13, spec.fusedWidth());
                String name = mask + ", " + kvHeads + " of 4 heads";
                add(
                        cases,
                        "attention, " + name,
                        Attention.class,
                        (p, v) -> Attention.apply(p, v[0], spec, sequences, null),
                        qkv);
                Tensor explicit = mask.additive(9);
                add(
                        cases,
                        "naive attention, " + name,
                        NaiveAttention.class,
                        (p, v) -> NaiveAttention.apply(p, v[0], spec, sequences, explicit),
                        qkv);
            }
        }
    }

    private static void addLosses(List<OpCase> cases) {
        int[] targets = {4, CrossEntropy.IGNORE, 0, 10, 4};
        @Nullable
        Object[][] options = {
            {"plain", CrossEntropy.Options.PLAIN},
            {"label smoothing", new CrossEntropy.Options(0.1f, 0)},
            {"z-loss", new CrossEntropy.Options(0, 0.01f)},
            {"both", new CrossEntropy.Options(0.2f, 0.1f)},
        };
        for (Object[] row : options) {
            CrossEntropy.Options option = (CrossEntropy.Options) row[1];
            add(
                    cases,
                    "cross-entropy, " + row[0],
                    CrossEntropy.class,
                    (p, v) -> CrossEntropy.apply(p, v[0], targets, option),
                    shape(5, 11));
            add(
                    cases,
                    "linear cross-entropy, " + row[0],
                    LinearCrossEntropy.class,
                    (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], null, targets, option),
                    shape(5, 6),
                    shape(11, 6));
        }
        add(
                cases,
                "linear cross-entropy with bias",
                LinearCrossEntropy.class,
                (p, v) -> LinearCrossEntropy.apply(p, v[0], v[1], v[2], targets, CrossEntropy.Options.PLAIN),
                shape(5, 6),
                shape(11, 6),
                shape(11));
    }
}
