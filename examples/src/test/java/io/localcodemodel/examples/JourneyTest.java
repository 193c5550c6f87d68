package io.localcodemodel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.Completion;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.model.Biases;
import io.localcodemodel.model.BlockLayout;
import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.NormKind;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.op.Mask;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.training.Corpus;
import io.localcodemodel.training.Schedule;
import io.localcodemodel.training.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Trains, saves, loads and completes with each tokenizer and each switch of the configuration: a tiny model learns one
/// text by heart and writes it down again.
class JourneyTest {
    /// No character occurs twice, so that a few steps are enough to learn what follows what.
    private static final String PHRASE = "do{int k=a[9];}\n";
    private static final String TEXT = PHRASE.repeat(150);

    private static final Map<String, Tokenizer> TOKENIZERS = Map.of(
            "characters",
            CharacterTokenizer.of(TEXT),
            "byte-level BPE",
            BpeTrainer.builder().vocabularySize(290).build().train(List.of(TEXT)),
            "byte-level BPE without special tokens",
            BpeTrainer.builder()
                    .vocabularySize(270)
                    .specialTokens("<|endoftext|>")
                    .build()
                    .train(List.of(TEXT)));

    @TempDir
    private Path temporary;

    static Stream<Arguments> journeys() {
        Map<String, UnaryOperator<TransformerConfigBuilder>> llama = new LinkedHashMap<>();
        llama.put("as it is", config -> config);
        llama.put("grouped key heads", config -> config.kvHeads(2));
        llama.put("one key head", config -> config.kvHeads(1));
        llama.put("wide heads", config -> config.headSize(16));
        llama.put("own output", config -> config.tiedOutput(false));
        llama.put("learned positions", config -> config.position(Position.Learned.of()));
        llama.put("no positions", config -> config.position(new Position.None()));
        llama.put("layer norm", config -> config.norm(NormKind.layer()));
        llama.put("GELU gate", config -> config.activation(Activation.GELU_TANH));
        llama.put("no gate", config -> config.gated(false));
        llama.put("biases", config -> config.biases(new Biases(true, true, true, false, true)));
        llama.put("query and key norm", config -> config.queryKeyNorm(QueryKeyNorm.PER_HEAD));
        llama.put("sliding window", config -> config.mask(new Mask.SlidingWindow(24)));
        llama.put("dropout", config -> config.dropout(DropoutRates.of(0.05f)));
        llama.put("one layer", config -> config);
        Map<String, UnaryOperator<TransformerConfigBuilder>> gpt2 = new LinkedHashMap<>();
        gpt2.put("as it is", config -> config);
        gpt2.put("exact GELU", config -> config.activation(Activation.GELU_ERF));
        gpt2.put("rotary positions", config -> config.position(Position.Rotary.of(Position.Rotary.THETA)));
        gpt2.put("RMS norm", config -> config.norm(NormKind.rms()));
        gpt2.put("no biases", config -> config.biases(Biases.NONE));
        gpt2.put("parallel blocks", config -> config.blockLayout(BlockLayout.PARALLEL));
        Stream<Arguments> tokenizers = TOKENIZERS.keySet().stream()
                .map(name -> Arguments.of("llama", "as it is", name, llama.get("as it is")));
        Stream<Arguments> switches = Stream.concat(
                llama.entrySet().stream()
                        .skip(1)
                        .map(entry -> Arguments.of("llama", entry.getKey(), "characters", entry.getValue())),
                gpt2.entrySet().stream()
                        .map(entry -> Arguments.of("gpt2", entry.getKey(), "characters", entry.getValue())));
        return Stream.concat(tokenizers, switches);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("journeys")
    void a_tiny_model_learns_a_text_by_heart_and_writes_it_after_saving_and_loading(
            String preset, String name, String tokens, UnaryOperator<TransformerConfigBuilder> change)
            throws Exception {
        Tokenizer tokenizer = TOKENIZERS.get(tokens);
        TransformerConfigBuilder config = preset.equals("llama") ? TransformerConfig.llama() : TransformerConfig.gpt2();
        Transformer transformer = Transformer.initialise(
                change.apply(config.vocabularySize(tokenizer.vocabularySize())
                                .contextLength(64)
                                .layers(name.equals("one layer") ? 1 : 2)
                                .width(32)
                                .heads(4))
                        .build(),
                42);
        Trainer.builder()
                .model(transformer)
                .tokenizer(tokenizer)
                .corpus(Corpus.texts(TEXT))
                .schedule(Schedule.warmupCosine(5, 50, 1e-2f, 1e-3f))
                .batch(8)
                .steps(50)
                .workers(1)
                .build()
                .run();
        GenerationOptions options = GenerationOptions.greedy(20);
        Completion expected;
        try (CodeModel code = CodeModel.of(transformer, tokenizer)) {
            expected = code.complete(PHRASE, options);
        }
        CodeModel.save(temporary, transformer, tokenizer);
        try (CodeModel code = CodeModel.load(temporary)) {
            Completion completion = code.complete(PHRASE, options);
            assertThat(completion.tokens()).isEqualTo(expected.tokens());
            assertThat(TEXT).startsWith(completion.text());
            assertThat(completion.text()).hasSizeGreaterThanOrEqualTo(20);
        }
    }
}
