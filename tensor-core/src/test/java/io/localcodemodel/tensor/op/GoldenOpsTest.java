package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Outputs, gradients and tables against an independent framework that computed them in double precision.
class GoldenOpsTest {
    /// What the library does not offer, or not as a differentiable operation of its own.
    private static final Set<String> NOT_OFFERED =
            Set.of("softplus", "conv1d_gpt2", "softmax", "softmax_causal", "softmax_sliding", "log_softmax");

    private static final GoldenOps GOLDEN = GoldenOps.read();

    static Stream<GoldenOps.Entry> operations() {
        return GOLDEN.entries().filter(entry -> !NOT_OFFERED.contains(entry.op()) && !isSpecialAttention(entry));
    }

    private static boolean isSpecialAttention(GoldenOps.Entry entry) {
        return entry.has("softcap")
                || entry.has("alibi")
                || entry.has("t5_bidirectional")
                || entry.has("first_query_position")
                || entry.inputs().contains("key_mask");
    }

    @ParameterizedTest
    @MethodSource("operations")
    void outputs_and_gradients_agree_on_the_reference_kernels(GoldenOps.Entry entry) {
        try (Compute compute = Compute.reference()) {
            requireAgreement(compute, entry);
        }
    }

    @ParameterizedTest
    @MethodSource("operations")
    void outputs_and_gradients_agree_on_the_fastest_kernels(GoldenOps.Entry entry) {
        try (Compute compute = Compute.create(2)) {
            requireAgreement(compute, entry);
        }
    }

    private static void requireAgreement(Compute compute, GoldenOps.Entry entry) {
        List<String> names = fused(entry) ? List.of("all") : entry.gradients();
        Tensor[] inputs = names.stream().map(name -> input(entry, name)).toArray(Tensor[]::new);

        OpResult found = OpResult.of(compute, function(entry), inputs, entry.upstream());

        assertClose("output", found.output(), entry.output(), entry.rounding("output"));
        for (int i = 0; i < inputs.length; i++) {
            float[] expected = fused(entry)
                    ? join(entry, entry::gradient).array()
                    : entry.gradient(names.get(i)).array();
            assertClose("gradient of " + names.get(i), found.gradients()[i], expected, entry.rounding("grads"));
        }
    }

    private static void assertClose(String name, float[] found, float[] expected, float rounding) {
        assertThat(found).as(name).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i])
                    .as("%s, element %d", name, i)
                    .isCloseTo(expected[i], within(5 * rounding + 5e-6f + 5e-6f * Math.abs(expected[i])));
        }
    }

    /// Whether the library takes the entry's inputs side by side in one matrix.
    private static boolean fused(GoldenOps.Entry entry) {
        return Set.of("swiglu", "geglu_tanh", "attention").contains(entry.op());
    }

    private static Tensor input(GoldenOps.Entry entry, String name) {
        if (fused(entry)) {
            return join(entry, entry::input);
        }
        Tensor input = entry.input(name);
        boolean matrix = Set.of("x", "logits").contains(name) && input.shape().rank() > 1;
        if (entry.op().startsWith("rope")) {
            int tokens = input.shape().dimension(0) * input.shape().dimension(1);
            return input.reshape(Shape.of(tokens, input.size() / tokens));
        }
        return matrix
                ? input.reshape(Shape.of(input.shape().rows(), input.shape().columns()))
                : input;
    }

    /// The inputs, or their gradients, side by side: gate and up, or queries, keys and values of each token.
    private static Tensor join(GoldenOps.Entry entry, Function<String, Tensor> part) {
        List<Tensor> parts = entry.gradients().stream().map(part).toList();
        boolean attention = entry.op().equals("attention");
        Shape first = parts.getFirst().shape();
        int rows = attention ? first.dimension(0) * first.dimension(1) : first.rows();
        int columns = parts.stream().mapToInt(Tensor::size).sum() / rows;
        Tensor joined = Tensor.zeros(Shape.of(rows, columns));
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (Tensor one : parts) {
                int width = one.size() / rows;
                System.arraycopy(one.array(), row * width, joined.array(), at, width);
                at += width;
            }
        }
        return joined;
    }

    private static OpCase.Function function(GoldenOps.Entry entry) {
        return switch (entry.op()) {
            case "layernorm" -> (p, v) -> LayerNorm.apply(p, v[0], v[1], v[2], entry.number("eps"));
            case "rmsnorm" -> (p, v) -> RmsNorm.apply(p, v[0], v[1], entry.number("eps"), entry.number("offset"));
            case "gelu_erf" -> (p, v) -> Activate.apply(p, Activation.GELU_ERF, v[0]);
            case "gelu_tanh" -> (p, v) -> Activate.apply(p, Activation.GELU_TANH, v[0]);
            case "silu" -> (p, v) -> Activate.apply(p, Activation.SILU, v[0]);
            case "relu_squared" -> (p, v) -> Activate.apply(p, Activation.RELU_SQUARED, v[0]);
            case "sigmoid" -> (p, v) -> Activate.apply(p, Activation.SIGMOID, v[0]);
            case "swiglu" -> (p, v) -> Gate.apply(p, Activation.SILU, v[0]);
            case "geglu_tanh" -> (p, v) -> Gate.apply(p, Activation.GELU_TANH, v[0]);
            case "linear" -> (p, v) -> Linear.apply(p, v[0], v[1], v[2]);
            case "embedding" -> (p, v) -> Embedding.apply(p, v[0], entry.integers("ids"));
            case "cross_entropy" ->
                (p, v) -> CrossEntropy.apply(
                        p,
                        v[0],
                        entry.integers("targets"),
                        new CrossEntropy.Options(
                                entry.has("label_smoothing") ? entry.number("label_smoothing") : 0, 0));
            case "rope_half_split", "rope_interleaved" -> rotary(entry);
            case "attention" -> attention(entry);
            default -> throw new AssertionError("no operation for the golden entry " + entry);
        };
    }

    private static OpCase.Function rotary(GoldenOps.Entry entry) {
        Shape shape = entry.input("x").shape();
        int length = shape.dimension(1);
        int first = (int) entry.number("first_position");
        int[] positions = new int[shape.dimension(0) * length];
        Arrays.setAll(positions, t -> first + t % length);
        RotaryTable table = new RotaryTable(
                RotaryTable.inverseFrequencies((int) entry.number("rotary_dims"), entry.number("theta")),
                first + length,
                entry.op().equals("rope_interleaved"));
        return (p, v) -> {
            Var copy = Activate.apply(p, Activation.IDENTITY, v[0]);
            return Rotary.apply(p, copy, table, positions, shape.dimension(2), 0, shape.dimension(3));
        };
    }

    private static OpCase.Function attention(GoldenOps.Entry entry) {
        Shape shape = entry.input("q").shape();
        AttentionSpec spec = attentionSpec(entry);
        Sequences sequences = Sequences.equal(shape.dimension(0), shape.dimension(1));
        return (p, v) -> Attention.apply(p, v[0], spec, sequences, null);
    }

    private static AttentionSpec attentionSpec(GoldenOps.Entry entry) {
        AttentionSpec causal = AttentionSpec.causal(
                (int) entry.number("heads"),
                (int) entry.number("kv_heads"),
                entry.input("q").shape().columns());
        return entry.has("sliding_window")
                ? new AttentionSpec(
                        causal.heads(),
                        causal.kvHeads(),
                        causal.headSize(),
                        causal.scale(),
                        new Mask.SlidingWindow((int) entry.number("sliding_window")))
                : causal;
    }

    @Test
    void queries_after_a_cached_past_see_all_of_it() {
        GoldenOps.Entry entry = GOLDEN.entries()
                .filter(one -> one.has("first_query_position"))
                .findFirst()
                .orElseThrow();
        AttentionSpec spec = attentionSpec(entry);
        Tensor q = entry.input("q");
        int batch = q.shape().dimension(0);
        int queries = q.shape().dimension(1);
        int cached = entry.input("k").shape().dimension(1);
        Tensor qkv = Tensor.zeros(Shape.of(batch * queries, spec.fusedWidth()));
        qkv.fill(Float.NaN);
        for (int t = 0; t < batch * queries; t++) {
            System.arraycopy(q.array(), t * spec.queryWidth(), qkv.array(), t * spec.fusedWidth(), spec.queryWidth());
        }
        KeyValues cache =
                new ArrayKeyValues(entry.input("k").array(), entry.input("v").array(), spec.keyWidth(), cached);
        for (Compute compute : List.of(Compute.reference(), Compute.create(2))) {
            try (compute;
                    Pass pass = Pass.inference(compute, OpResult.poisoned())) {
                Var y = Attention.apply(pass, Var.constant(qkv), spec, Sequences.equal(batch, queries), cache);

                assertClose("output", y.value().toArray(), entry.output(), entry.rounding("output"));
            }
        }
    }

    /// Sequences of one length in one array of keys and one of values.
    private record ArrayKeyValues(float[] keys, float[] values, int rowStride, int length) implements KeyValues {
        @Override
        public float[] keys(int sequence) {
            return keys;
        }

        @Override
        public int keysOffset(int sequence) {
            return sequence * length * rowStride;
        }

        @Override
        public float[] values(int sequence) {
            return values;
        }

        @Override
        public int valuesOffset(int sequence) {
            return keysOffset(sequence);
        }

        @Override
        public int length(int sequence) {
            return length;
        }
    }

    static Stream<Map<String, Object>> rotaryCases() {
        return GOLDEN.table("rope_inv_freq").filter(one -> !scaling(one).equals("yarn"));
    }

    private static String scaling(Map<String, Object> rotary) {
        return rotary.get("rope_scaling") instanceof Map<?, ?> scaling ? (String) scaling.get("rope_type") : "default";
    }

    @ParameterizedTest
    @MethodSource("rotaryCases")
    void inverse_frequencies_agree(Map<String, Object> rotary) {
        double[] plain = RotaryTable.inverseFrequencies((int) number(rotary, "head_dim"), number(rotary, "rope_theta"));
        double[] found = switch (scaling(rotary)) {
            case "linear" -> RotaryTable.linear(plain, number(rotary.get("rope_scaling"), "factor"));
            case "llama3" ->
                RotaryTable.llama3(
                        plain,
                        number(rotary.get("rope_scaling"), "factor"),
                        number(rotary.get("rope_scaling"), "low_freq_factor"),
                        number(rotary.get("rope_scaling"), "high_freq_factor"),
                        (int) number(rotary.get("rope_scaling"), "original_max_position_embeddings"));
            default -> plain;
        };

        List<?> expected = (List<?>) rotary.get("inv_freq");
        for (int i = 0; i < found.length; i++) {
            double value = ((Number) expected.get(i)).doubleValue();
            assertThat(found[i]).as("pair %d", i).isCloseTo(value, within(2e-6 * value));
        }
    }

    private static double number(Object map, String key) {
        return ((Number) ((Map<?, ?>) map).get(key)).doubleValue();
    }
}
