package io.localcodemodel.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The tiled attention against its definition.
class AttentionTest {
    private final Compute compute = Compute.create(2);

    static IntStream trials() {
        return IntStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("trials")
    void agrees_with_the_definition_on_random_shapes(int trial) {
        Random random = new Random(trial);
        int kvHeads = 1 + random.nextInt(3);
        int heads = kvHeads * (1 + random.nextInt(4));
        AttentionSpec spec =
                new AttentionSpec(heads, kvHeads, 1 + random.nextInt(40), 0.1f + random.nextFloat(), mask(random));
        requireAgreement(spec, sequences(random), trial);
    }

    private static Mask mask(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Mask.Causal();
            case 1 -> new Mask.SlidingWindow(1 + random.nextInt(70));
            default -> new Mask.Bidirectional();
        };
    }

    private static Sequences sequences(Random random) {
        int[] starts = new int[2 + random.nextInt(4)];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + 1 + random.nextInt(100);
        }
        return new Sequences(starts);
    }

    @Test
    void agrees_with_the_definition_over_several_tiles_of_keys() {
        Sequences sequences = new Sequences(new int[] {0, 3, 2 * AttentionTiles.KEYS + 70});
        for (Mask mask : List.of(
                new Mask.Causal(),
                new Mask.SlidingWindow(AttentionTiles.KEYS + 9),
                new Mask.SlidingWindow(20),
                new Mask.Bidirectional())) {
            requireAgreement(new AttentionSpec(2, 1, 8, 0.9f, mask), sequences, 4);
        }
    }

    private void requireAgreement(AttentionSpec spec, Sequences sequences, int seed) {
        Tensor qkv = Tensor.zeros(Shape.of(sequences.tokens(), spec.fusedWidth()));
        Randomness.fillNormal(qkv, 1.5f, seed);
        Tensor mask = spec.mask().additive(sequences.longest());
        Tensor[] inputs = {qkv};

        OpResult expected =
                OpResult.of(compute, (p, v) -> NaiveAttention.apply(p, v[0], spec, sequences, mask), inputs, null);
        OpResult found = OpResult.of(compute, (p, v) -> Attention.apply(p, v[0], spec, sequences, null), inputs, null);

        assertClose(found.output(), expected.output());
        assertClose(found.gradients()[0], expected.gradients()[0]);
    }

    private static void assertClose(float[] found, float[] expected) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5f * (1 + largest)));
        }
    }

    @Test
    void scores_far_apart_neither_overflow_nor_vanish() {
        AttentionSpec spec = AttentionSpec.causal(1, 1, 4);
        Tensor qkv = Tensor.zeros(Shape.of(600, spec.fusedWidth()));
        Randomness.fillNormal(qkv, 60, 3);
        requireFinite(spec, qkv);
    }

    private void requireFinite(AttentionSpec spec, Tensor qkv) {
        Sequences one = Sequences.single(qkv.shape().rows());
        OpResult result =
                OpResult.of(compute, (p, v) -> Attention.apply(p, v[0], spec, one, null), new Tensor[] {qkv}, null);
        for (float value : result.gradients()[0]) {
            assertThat(value).isFinite();
        }
        for (float value : result.output()) {
            assertThat(value).isFinite();
        }
    }

    @Test
    void a_cache_gives_the_rows_of_the_whole_sequence() {
        AttentionSpec spec = new AttentionSpec(6, 2, 16, 0.3f, new Mask.SlidingWindow(700));
        int tokens = AttentionTiles.KEYS + 40;
        Tensor qkv = Tensor.zeros(Shape.of(tokens, spec.fusedWidth()));
        Randomness.fillNormal(qkv, 1, 9);
        float[] whole = OpResult.forward(
                compute, (p, v) -> Attention.apply(p, v[0], spec, Sequences.single(tokens), null), new Tensor[] {qkv});

        List<Float> pieces = new ArrayList<>();
        for (int from = 0; from < tokens; ) {
            int to = Math.min(tokens, from + (from == 0 ? tokens - 5 : from % 2 + 1));
            Tensor rows = qkv.rows(from, to);
            int length = to;
            float[] piece = OpResult.forward(
                    compute,
                    (p, v) -> Attention.apply(
                            p, v[0], spec, Sequences.single(rows.shape().rows()), new FusedRows(qkv, spec, length)),
                    new Tensor[] {rows});
            for (float value : piece) {
                pieces.add(value);
            }
            from = to;
        }

        assertThat(pieces).hasSize(whole.length);
        for (int i = 0; i < whole.length; i++) {
            assertThat(pieces.get(i)).as("element %d", i).isCloseTo(whole[i], within(2e-6f));
        }
    }

    /// The first rows of fused queries, keys and values as the cache of one sequence.
    private record FusedRows(Tensor qkv, AttentionSpec spec, int length) implements KeyValues {
        @Override
        public float[] keys(int sequence) {
            return qkv.array();
        }

        @Override
        public int keysOffset(int sequence) {
            return qkv.offset() + spec.queryWidth();
        }

        @Override
        public float[] values(int sequence) {
            return qkv.array();
        }

        @Override
        public int valuesOffset(int sequence) {
            return keysOffset(sequence) + spec.keyWidth();
        }

        @Override
        public int rowStride() {
            return spec.fusedWidth();
        }

        @Override
        public int length(int sequence) {
            return length;
        }
    }

    @Test
    void refuses_a_cache_that_lacks_the_new_tokens() {
        AttentionSpec spec = AttentionSpec.causal(2, 2, 4);
        Tensor qkv = Tensor.zeros(Shape.of(3, spec.fusedWidth()));
        try (Pass pass = Pass.inference(compute, new Arena())) {
            assertThatThrownBy(() -> Attention.apply(
                            pass, Var.constant(qkv), spec, Sequences.single(3), new FusedRows(qkv, spec, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3 new tokens, found 2 rows");
        }
    }

    @Test
    void refuses_a_cache_while_recording() {
        AttentionSpec spec = AttentionSpec.causal(2, 2, 4);
        Tensor qkv = Tensor.zeros(Shape.of(3, spec.fusedWidth()));
        Arena arena = new Arena();
        try (Pass pass = Pass.recording(compute, arena)) {
            assertThatThrownBy(() -> Attention.apply(
                            pass, Var.parameter(qkv), spec, Sequences.single(3), new FusedRows(qkv, spec, 3)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a cache serves inference");
        }
        assertThat(arena.usedBytes()).isZero();
    }

    @Test
    void refuses_heads_that_do_not_divide() {
        assertThatThrownBy(() -> AttentionSpec.causal(6, 4, 8)).hasMessageContaining("6 % 4 = 2");
    }

    @Test
    void refuses_rows_of_another_width() {
        AttentionSpec spec = AttentionSpec.causal(2, 1, 4);
        try (Pass pass = Pass.inference(compute, new Arena())) {
            assertThatThrownBy(() -> Attention.apply(
                            pass, Var.constant(Tensor.zeros(Shape.of(3, 8))), spec, Sequences.single(3), null))
                    .hasMessageContaining("expected qkv of shape [3, 16], found [3, 8]");
        }
    }

    @Test
    void sequences_must_increase_from_zero() {
        assertThatThrownBy(() -> new Sequences(new int[] {1, 2})).hasMessageContaining("begin with 0");
        assertThatThrownBy(() -> new Sequences(new int[] {0, 2, 2})).hasMessageContaining("strictly increasing");
        assertThat(Sequences.equal(3, 4)).isEqualTo(new Sequences(new int[] {0, 4, 8, 12}));
    }
}
