package io.localcodemodel.benchmarks;

import io.localcodemodel.examples.Recipe;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.training.Batches;
import io.localcodemodel.training.Packing;
import io.localcodemodel.training.TokenStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// A model and its batches, as the measurements of training speed fix them.
///
/// @param name `gpt-a` to `gpt-c`, `llama-a` to `llama-c` for their twins, and `main` for the main job's
/// @param batch windows in a batch
/// @param window tokens in a window
record TrainingShape(String name, TransformerConfig config, int batch, int window) {
    /// The learning rate both sides use.
    static final float RATE = 1e-3f;

    private static final long SEED = 42;

    /// The shapes that are compared with other libraries, the smallest first.
    static List<TrainingShape> all() {
        return List.of(
                new TrainingShape("gpt-a", gpt(256, 64, 4, 128, 4), 12, 64),
                new TrainingShape("llama-a", llama(256, 64, 4, 128, 4, 352), 12, 64),
                new TrainingShape("gpt-b", gpt(4096, 256, 6, 384, 6), 8, 256),
                new TrainingShape("llama-b", llama(4096, 256, 6, 384, 6, 1024), 8, 256),
                new TrainingShape("gpt-c", gpt(50257, 1024, 12, 768, 12), 4, 64),
                new TrainingShape("llama-c", llama(32000, 1024, 12, 768, 12, 2048), 4, 64));
    }

    private static TransformerConfig gpt(int vocabulary, int context, int layers, int width, int heads) {
        return TransformerConfig.gpt2()
                .vocabularySize(vocabulary)
                .contextLength(context)
                .layers(layers)
                .width(width)
                .heads(heads)
                .tiedOutput(true)
                .build();
    }

    private static TransformerConfig llama(
            int vocabulary, int context, int layers, int width, int heads, int feedForward) {
        return TransformerConfig.llama()
                .vocabularySize(vocabulary)
                .contextLength(context)
                .layers(layers)
                .width(width)
                .heads(heads)
                .feedForwardWidth(feedForward)
                .tiedOutput(true)
                .build();
    }

    /// The shape of that name.
    static TrainingShape named(String name) {
        List<TrainingShape> shapes = new ArrayList<>(all());
        shapes.add(mainJob());
        return shapes.stream()
                .filter(shape -> shape.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no shape " + name + "; there are "
                        + shapes.stream().map(TrainingShape::name).toList()));
    }

    /// What `TrainCodeModel` trains unless it is told otherwise.
    private static TrainingShape mainJob() {
        Recipe recipe = new Recipe();
        TransformerConfig config = recipe.config(recipe.vocabulary());
        return new TrainingShape("main", config, recipe.batch(), config.contextLength());
    }

    Transformer model() {
        return Transformer.initialise(config, SEED);
    }

    /// Random tokens of which a few are frequent, as in texts, so that there is something to learn.
    TokenStream tokens() {
        int[] ids = new int[200_000];
        for (int i = 0; i < ids.length; i++) {
            float u = Randomness.uniform(SEED, i);
            ids[i] = Math.min(config.vocabularySize() - 1, (int) (config.vocabularySize() * u * u * u));
        }
        return TokenStream.of(config.vocabularySize(), OptionalInt.empty(), ids.length, ids);
    }

    /// The batches that a trainer with this seed takes too.
    Batches batches() {
        return new Batches(tokens(), batch, window, Packing.STREAM, Randomness.seedFor(SEED, "batches"));
    }

    static long seed() {
        return SEED;
    }

    int tokensPerStep() {
        return batch * window;
    }

    /// Floating-point operations of forward and backward for one token, by the usual count of 6 for each parameter.
    double operationsPerToken() {
        return 6.0 * config.parameterCount();
    }
}
