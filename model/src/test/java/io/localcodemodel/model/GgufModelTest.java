package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.model.file.GgufWriter;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.StackedStorage;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Models whose weights stay in a mapped file, against the same weights as floats.
class GgufModelTest {
    private static final int[] IDS = {3, 60, 17, 17, 5, 41, 0, 63, 22, 8, 30, 9, 11, 12, 54, 1, 2, 33, 48, 20};
    /// How far the logits of random weights may move, as a share of their size: rounding adds up over the layers.
    private static final Map<BlockFormat, Double> ERRORS = Map.of(
            BlockFormat.F32, 1e-5,
            BlockFormat.F16, 2e-3,
            BlockFormat.BF16, 2e-2,
            BlockFormat.Q8_0, 3e-2,
            BlockFormat.Q4_0, 0.5,
            BlockFormat.Q4_K, 0.4,
            BlockFormat.Q5_K, 0.2,
            BlockFormat.Q6_K, 0.12);

    @TempDir
    Path folder;

    private static TransformerConfigBuilder config() {
        return config(256);
    }

    private static TransformerConfigBuilder config(int width) {
        return TransformerConfig.llama()
                .vocabularySize(64)
                .contextLength(32)
                .layers(2)
                .width(width)
                .heads(4)
                .kvHeads(2)
                .feedForwardWidth(512)
                .initialDeviation(0.08f);
    }

    /// The logits after each of the ids, in one pass or in one each.
    private static float[] logits(Kernels kernels, Transformer model, boolean oneByOne) {
        int vocabulary = model.config().vocabularySize();
        float[] all = new float[IDS.length * vocabulary];
        try (Compute compute = new Compute(kernels, Workers.of(1))) {
            KvCache cache = model.newCache(IDS.length);
            int step = oneByOne ? 1 : IDS.length;
            for (int from = 0; from < IDS.length; from += step) {
                int[] ids = Arrays.copyOfRange(IDS, from, from + step);
                try (Pass pass = Pass.inference(compute, new Arena())) {
                    float[] part = model.logits(pass, model.hidden(pass, TokenBatch.single(ids, from), cache))
                            .value()
                            .toArray();
                    System.arraycopy(part, 0, all, from * vocabulary, part.length);
                }
            }
        }
        return all;
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

    @ParameterizedTest
    @EnumSource
    void gives_the_logits_of_the_decoded_weights_and_nearly_those_of_the_originals(BlockFormat format)
            throws IOException {
        Transformer original = Transformer.initialise(config().build(), 5);
        Path file = folder.resolve("model.gguf");
        GgufModel.save(file, original, format, Map.of());
        float[] decoded = logits(Kernels.reference(), Transformer.load(file), false);
        assertThat(relativeError(decoded, logits(Kernels.reference(), original, false)))
                .isLessThan(ERRORS.get(format));
        try (GgufModel model = GgufModel.open(file)) {
            assertThat(model.formats()).containsEntry("blk.1.ffn_up.weight", format);
            for (boolean oneByOne : new boolean[] {false, true}) {
                assertThat(logits(Kernels.fastest(), model.transformer(), oneByOne))
                        .containsExactly(decoded, within(2e-4f));
            }
            assertThat(logits(Kernels.reference(), model.transformer(), true)).containsExactly(decoded, within(2e-4f));
        }
    }

    @Test
    void a_file_may_mix_formats_as_llama_cpp_does() throws IOException {
        Transformer original = Transformer.initialise(config().tiedOutput(false).build(), 6);
        Path file = folder.resolve("mixed.GGUF");
        GgufModel.save(
                file,
                original,
                name -> name.matches("output.weight|blk.0.(attn_v|ffn_down).weight")
                        ? BlockFormat.Q6_K
                        : name.contains("ffn_up") ? BlockFormat.F16 : BlockFormat.Q4_K,
                Map.of("general.name", "mixed"));
        float[] decoded = logits(Kernels.reference(), Transformer.load(file), false);
        try (GgufModel model = GgufModel.open(file)) {
            assertThat(model.metadata()).containsEntry("general.name", "mixed");
            Map<String, Parameter> parameters = new HashMap<>();
            model.transformer().parameters().forEach(each -> parameters.put(each.name(), each));
            assertThat(parameters
                            .get("layers.0.attention.qkv.weight")
                            .variable()
                            .value()
                            .storage())
                    .isInstanceOfSatisfying(
                            StackedStorage.class,
                            stacked -> assertThat(stacked.parts())
                                    .extracting(BlockStorage::format)
                                    .containsExactly(BlockFormat.Q4_K, BlockFormat.Q4_K, BlockFormat.Q6_K));
            assertThat(parameters.get("embedding.weight").variable().requiresGradient())
                    .isFalse();
            for (boolean oneByOne : new boolean[] {false, true}) {
                assertThat(logits(Kernels.fastest(), model.transformer(), oneByOne))
                        .containsExactly(decoded, within(2e-4f));
            }
        }
    }

    @Test
    void holds_the_scaling_of_llama_3_as_a_tensor_of_factors() throws IOException {
        var scaling = new RotaryScaling.Llama3(8, 1, 4, 16);
        TransformerConfig scaled = config().position(Position.Rotary.of(10_000).withScaling(scaling))
                .build();
        Transformer original = Transformer.initialise(scaled, 7);
        Path file = folder.resolve("llama3.gguf");
        GgufModel.save(file, original, BlockFormat.F32, Map.of());
        try (GgufFile read = GgufFile.open(file)) {
            float[] factors = new float[32];
            read.read("rope_freqs.weight", factors, 0);
            // Wavelengths of pair i: 2 pi 10000^(i/32) tokens. Pair 0 turns 16 / 6.28 = 2.5 times in 16 positions, so
            // it lies
            // (2.5 - 1) / (4 - 1) = 0.515 of the way from stretched to kept; pair 4 turns less than once.
            assertThat(factors[0]).isEqualTo(1 / (0.5154930f + (1 - 0.5154930f) / 8), within(1e-5f));
            assertThat(Arrays.copyOfRange(factors, 4, 32)).containsOnly(8f);
        }
        try (GgufModel model = GgufModel.open(file)) {
            assertThat(model.transformer().config().position())
                    .isEqualTo(scaled.position() instanceof Position.Rotary rotary ? rotary.asInterleaved() : null);
            assertThat(logits(Kernels.fastest(), model.transformer(), false))
                    .containsExactly(logits(Kernels.reference(), original, false), within(2e-4f));
        }
    }

    @Test
    void refuses_factors_of_another_scaling() throws IOException {
        Path file = folder.resolve("other.gguf");
        GgufModel.save(file, Transformer.initialise(config().build(), 7), BlockFormat.F32, Map.of());
        Path changed = folder.resolve("changed.gguf");
        try (GgufFile read = GgufFile.open(file)) {
            List<GgufWriter.Source> sources = new ArrayList<>();
            read.entries().values().forEach(entry -> {
                Tensor tensor = Tensor.zeros(entry.shape());
                read.read(entry.name(), tensor.array(), tensor.offset());
                sources.add(new GgufWriter.Source(entry.name(), entry.shape(), BlockFormat.F32, () -> tensor));
            });
            Tensor factors = Tensor.zeros(Shape.of(32));
            Arrays.fill(factors.array(), 3);
            sources.add(new GgufWriter.Source("rope_freqs.weight", factors.shape(), BlockFormat.F32, () -> factors));
            GgufWriter.write(changed, read.metadata(), sources);
        }
        assertThatThrownBy(() -> GgufModel.open(changed))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("rope_freqs.weight")
                .hasMessageContaining("32 numbers")
                .hasMessageContaining("LLaMA 3.1");
    }

    @Test
    void is_saved_as_a_folder_of_floats() throws IOException {
        Path file = folder.resolve("model.gguf");
        GgufModel.save(file, Transformer.initialise(config().build(), 7), BlockFormat.Q4_K, Map.of());
        Path saved = folder.resolve("floats");
        try (GgufModel model = GgufModel.open(file)) {
            model.transformer().save(saved);
            assertThat(logits(Kernels.reference(), Transformer.load(saved), false))
                    .containsExactly(logits(Kernels.reference(), model.transformer(), false), within(1e-5f));
        }
    }

    @Test
    void cannot_be_used_once_it_is_closed() throws IOException {
        Path file = folder.resolve("model.gguf");
        GgufModel.save(file, Transformer.initialise(config().build(), 7), BlockFormat.Q8_0, Map.of());
        GgufModel model = GgufModel.open(file);
        Transformer transformer = model.transformer();
        model.close();
        model.close();
        assertThatThrownBy(() -> logits(Kernels.fastest(), transformer, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(model::transformer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file + ": the model is closed");
    }

    @Test
    void refuses_to_write_what_the_format_or_the_architecture_cannot_hold() {
        Path file = folder.resolve("model.gguf");
        Transformer narrow = Transformer.initialise(config(64).build(), 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufModel.save(file, narrow, BlockFormat.Q4_K, Map.of()))
                .withMessageContaining("token_embd.weight")
                .withMessageContaining("whole blocks of 256");
        Transformer gpt2 = Transformer.initialise(
                TransformerConfig.gpt2()
                        .vocabularySize(64)
                        .contextLength(32)
                        .layers(1)
                        .width(64)
                        .heads(2)
                        .build(),
                1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufModel.save(file, gpt2, BlockFormat.F16, Map.of()))
                .withMessageContaining("no words for all of this model")
                .withMessageContaining("norm is Layer[");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufModel.save(file, narrow, BlockFormat.F16, Map.of("key", List.of(1, "two"))))
                .withMessageContaining("of several types");
        assertThat(file).doesNotExist();
    }
}
