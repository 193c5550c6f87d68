package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every switch of a config: initialise, train a step, save, load, and nothing has changed.
class RoundTripTest {
    private static TransformerConfigBuilder llama() {
        return sized(TransformerConfig.llama());
    }

    private static TransformerConfigBuilder gpt2() {
        return sized(TransformerConfig.gpt2());
    }

    private static TransformerConfigBuilder sized(TransformerConfigBuilder builder) {
        return builder.vocabularySize(23).contextLength(12).layers(2).width(24).heads(4);
    }

    private static Arguments of(String switches, String savedAs, TransformerConfigBuilder builder) {
        return Arguments.of(switches, savedAs, builder.build());
    }

    static Stream<Arguments> configs() {
        Position.Rotary rotary = Position.Rotary.of(1000);
        return Stream.of(
                of("the LLaMA preset", "llama", llama()),
                of("the GPT-2 preset", "gpt2", gpt2()),
                of("untied output", "llama", llama().tiedOutput(false)),
                of("untied output", "gpt2", gpt2().tiedOutput(false)),
                of("grouped heads", "llama", llama().kvHeads(2)),
                of("a single key head", "llama", llama().kvHeads(1)),
                of("a head size of its own", "llama", llama().headSize(8)),
                of("a feed-forward width of its own", "gpt2", gpt2().feedForwardWidth(40)),
                of("another activation", "gpt2", gpt2().activation(Activation.RELU)),
                of("a GeGLU", "llama", llama().activation(Activation.GELU_TANH)),
                of("another base", "llama", llama().position(rotary)),
                of("linear scaling", "llama", llama().position(rotary.withScaling(new RotaryScaling.Linear(4)))),
                of(
                        "LLaMA 3 scaling",
                        "llama",
                        llama().position(rotary.withScaling(new RotaryScaling.Llama3(8, 1, 4, 6)))),
                of("biases of attention", "llama", llama().biases(new Biases(true, true, false, false, false))),
                of(
                        "biases of the feed-forward part",
                        "llama",
                        llama().biases(new Biases(false, false, true, false, false))),
                of("dropout", "llama", llama().dropout(new DropoutRates(0.1f, 0.2f))),
                of("dropout", "gpt2", gpt2().dropout(new DropoutRates(0.1f, 0.2f))),
                of("another epsilon", "llama", llama().norm(new NormKind.Rms(1e-6f, 0))),
                of("another initial deviation", "gpt2", gpt2().initialDeviation(0.02f)),
                of("interleaved rotation", "localcodemodel", llama().position(rotary.asInterleaved())),
                of("partial rotation", "localcodemodel", llama().position(rotary.withDimensions(4))),
                of("no positions", "localcodemodel", llama().position(new Position.None())),
                of("learned positions", "localcodemodel", llama().position(Position.Learned.of())),
                of("learned positions with an offset", "opt", gpt2().position(new Position.Learned(2))),
                of("rotary positions in GPT-2", "starcoder2", gpt2().position(rotary)),
                of(
                        "layer norm with biases",
                        "localcodemodel",
                        llama().norm(NormKind.layer()).biases(new Biases(false, false, false, true, false))),
                of("layer norm without biases", "localcodemodel", llama().norm(NormKind.layer())),
                of("RMS norm in GPT-2", "localcodemodel", gpt2().norm(NormKind.rms())),
                of("a shifted norm weight", "localcodemodel", llama().norm(new NormKind.Rms(1e-5f, 1))),
                of("no gate", "localcodemodel", llama().gated(false)),
                of("a gate in GPT-2", "localcodemodel", gpt2().gated(true)),
                of("no biases", "localcodemodel", gpt2().biases(Biases.NONE)),
                of("an output bias", "localcodemodel", llama().biases(new Biases(false, false, false, false, true))),
                of("parallel parts", "localcodemodel", llama().blockLayout(BlockLayout.PARALLEL)),
                of("parallel parts, one norm", "localcodemodel", gpt2().blockLayout(BlockLayout.PARALLEL_SHARED_NORM)),
                of("norms behind the parts", "localcodemodel", llama().blockLayout(BlockLayout.POST_SUBLAYER_NORM)),
                of("norms on heads", "qwen3", llama().queryKeyNorm(QueryKeyNorm.PER_HEAD)),
                of("norms on queries and keys", "localcodemodel", llama().queryKeyNorm(QueryKeyNorm.WHOLE)),
                of("scaled embeddings", "localcodemodel", llama().embeddingScale(3)),
                of("a sliding window in GPT-2", "localcodemodel", gpt2().mask(new Mask.SlidingWindow(3))),
                of("a sliding window", "mistral", llama().mask(new Mask.SlidingWindow(3))));
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("configs")
    void survives_saving_and_loading(String switches, String savedAs, TransformerConfig config, @TempDir Path folder)
            throws IOException {
        Transformer model = Transformer.initialise(config, 3);
        jolt(model);
        model.save(folder.resolve("a"));
        assertThat(Json.read(folder.resolve("a/config.json"))).containsEntry("model_type", savedAs);
        Transformer loaded = Transformer.load(folder.resolve("a"));
        assertThat(loaded.config()).isEqualTo(config);
        assertThat(logits(loaded)).isEqualTo(logits(model));
        assertThat(logits(model)).isNotEqualTo(logits(Transformer.initialise(config, 3)));
        loaded.save(folder.resolve("b"));
        assertThat(folder.resolve("b/model.safetensors")).hasSameBinaryContentAs(folder.resolve("a/model.safetensors"));
        assertThat(folder.resolve("b/config.json")).hasSameBinaryContentAs(folder.resolve("a/config.json"));
        assertThat(folder.resolve("b"))
                .isDirectoryNotContaining(file -> file.toString().endsWith(".saving"));
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("configs")
    void counts_its_parameters_and_gives_each_a_gradient(String switches, String savedAs, TransformerConfig config) {
        Transformer model = Transformer.initialise(config, 3);
        long sum = 0;
        for (Parameter parameter : model.parameters()) {
            sum += parameter.shape().size();
        }
        assertThat(config.parameterCount()).isEqualTo(sum);
        backward(model);
        for (Parameter parameter : model.parameters()) {
            Tensor gradient = Objects.requireNonNull(parameter.variable().gradient(), parameter.name());
            assertThat(gradient.toArray()).as(parameter.name()).doesNotContain(Float.NaN);
        }
    }

    private static void backward(Transformer model) {
        try (Pass pass = Pass.training(Compute.reference(), new Arena(), 1)) {
            Var loss = model.loss(pass, TokenBatch.single(new int[] {1, 2, 3, 4}, 0), new int[] {2, 3, 4, 5});
            pass.backward(loss);
        }
    }

    /// Moves every parameter, so that none is what initialisation would give again.
    private static void jolt(Transformer model) {
        for (Parameter parameter : model.parameters()) {
            Tensor value = parameter.variable().value();
            for (int i = 0; i < value.size(); i++) {
                value.array()[value.offset() + i] += 0.01f * (i % 7 - 3);
            }
            parameter.variable().changed();
        }
    }

    private static float[] logits(Transformer model) {
        try (Pass pass = Pass.inference(Compute.reference(), new Arena())) {
            Var hidden = model.hidden(pass, TokenBatch.single(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 0));
            return model.logits(pass, hidden).value().toArray();
        }
    }
}
