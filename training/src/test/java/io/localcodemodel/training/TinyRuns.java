package io.localcodemodel.training;

import io.localcodemodel.model.DropoutRates;
import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Models and data that train in milliseconds.
final class TinyRuns {
    static final int VOCABULARY = 24;
    static final int CONTEXT = 16;

    private TinyRuns() {}

    static TransformerConfig config(float dropout) {
        return TransformerConfig.llama()
                .vocabularySize(VOCABULARY)
                .contextLength(CONTEXT)
                .layers(2)
                .width(16)
                .heads(2)
                .kvHeads(1)
                .dropout(DropoutRates.of(dropout))
                .build();
    }

    static Transformer model() {
        return Transformer.initialise(config(0), 1);
    }

    static Transformer modelWithDropout() {
        return Transformer.initialise(config(0.2f), 1);
    }

    /// Documents of random tokens, 0 at their ends.
    static TokenStream tokens(int documents, int length, long seed) {
        int[][] all = IntStream.range(0, documents)
                .mapToObj(d -> IntStream.range(0, length)
                        .map(i -> 1 + (int) ((VOCABULARY - 1) * Randomness.uniform(seed, (long) d * length + i)))
                        .toArray())
                .toArray(int[][]::new);
        return TokenStream.of(VOCABULARY, OptionalInt.of(0), (long) documents * length, all);
    }

    /// A run of the given model with batches of 2 windows, which a test completes.
    static TrainerBuilder run(Transformer model) {
        return Trainer.builder()
                .model(model)
                .tokens(tokens(6, 40, 3), tokens(2, 30, 4))
                .schedule(Schedule.warmupCosine(3L, 20L, 1e-2f, 1e-3f))
                .batch(2)
                .seed(11);
    }

    static float[][] weights(Transformer model) {
        return model.parameters().stream()
                .map(Parameter::variable)
                .map(variable -> variable.value().toArray())
                .toArray(float[][]::new);
    }

    /// Keeps the losses of all steps.
    static final class Losses implements Consumer<TrainingEvent> {
        final List<Float> losses = new ArrayList<>();
        final List<Double> norms = new ArrayList<>();

        @Override
        public void accept(TrainingEvent event) {
            if (event instanceof TrainingEvent.StepCompleted step) {
                losses.add(step.loss());
                norms.add(step.gradientNorm());
            }
        }
    }

    /// A transformer of one layer for a test that is about something else.
    static Transformer model(int vocabularySize, int contextLength) {
        return Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(vocabularySize)
                        .contextLength(contextLength)
                        .layers(1)
                        .width(16)
                        .heads(2)
                        .build(),
                1);
    }

    /// The names of all checkpoints, the oldest first.
    static List<String> names(Checkpoints checkpoints) {
        return checkpoints.all().stream()
                .map(path -> path.getFileName().toString())
                .toList();
    }
}
