package io.localcodemodel.examples;

import io.localcodemodel.model.QueryKeyNorm;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.training.AdamW;
import io.localcodemodel.training.Muon;
import io.localcodemodel.training.Packing;
import io.localcodemodel.training.Schedule;
import io.localcodemodel.training.Trainer;
import io.localcodemodel.training.TrainerBuilder;
import picocli.CommandLine.Option;

/// What the main job trains and how, without the data: the options of [TrainCodeModel] that describe the model and its
/// optimisation.
public final class Recipe {
    @Option(names = "--vocabulary", description = "tokens in the vocabulary")
    int vocabulary = 8192;

    @Option(names = "--layers", description = "blocks of the transformer")
    int layers = 4;

    @Option(names = "--width", description = "elements of a token's vector")
    int width = 128;

    @Option(names = "--heads", description = "attention heads")
    int heads = 4;

    @Option(names = "--context", description = "tokens that the model sees at once")
    int context = 128;

    @Option(names = "--batch", description = "windows of that many tokens in a micro-batch")
    int batch = 8;

    @Option(
            names = "--accumulate",
            description = "micro-batches in a step: a larger batch in the memory of a small one")
    int accumulate = 1;

    @Option(
            names = "--packing",
            description = "stream: windows are cut out of one stream of tokens; documents: no token sees another file")
    Packing packing = Packing.STREAM;

    @Option(names = "--rate", description = "highest learning rate of embeddings and norms (AdamW)")
    float rate = 0.024f;

    @Option(names = "--matrix-rate", description = "highest learning rate of the hidden matrices (Muon)")
    float matrixRate = 0.02f;

    @Option(names = "--label-smoothing", description = "the part of each target that is spread over all tokens")
    float labelSmoothing;

    @Option(names = "--z-loss", description = "weight of the squared logarithm of the softmax's denominator")
    float zLoss;

    @Option(names = "--precision", description = "f32, or bf16: activations and weights of half the size")
    Precision precision = Precision.F32;

    @Option(
            names = "--recompute",
            description = "keep only the input of each block and compute the rest again on the way back:"
                    + " less memory, more time")
    boolean recompute;

    /// The recipe that the options default to.
    public Recipe() {}

    /// The tokens that the vocabulary is to have.
    public int vocabulary() {
        return vocabulary;
    }

    /// Windows in a micro-batch.
    public int batch() {
        return batch;
    }

    /// The model.
    ///
    /// @param vocabularySize the tokens that the vocabulary has
    public TransformerConfig config(int vocabularySize) {
        return TransformerConfig.llama()
                .vocabularySize(vocabularySize)
                .layers(layers)
                .width(width)
                .heads(heads)
                .contextLength(context)
                .queryKeyNorm(QueryKeyNorm.PER_HEAD)
                .build();
    }

    /// A trainer that lacks its model, data and length.
    TrainerBuilder trainer() {
        return Trainer.builder()
                .optimizer(Muon.defaults()
                        .withScale(Muon.Scale.ORIGINAL)
                        .withRateFactor(matrixRate / rate)
                        .withRest(AdamW.defaults()))
                .schedule(Schedule.warmupCosine(0.03, rate, 0.02f * rate))
                .batch(batch)
                .accumulate(accumulate)
                .contextLength(context)
                .packing(packing)
                .loss(new CrossEntropy.Options(labelSmoothing, zLoss))
                .precision(precision)
                .checkpointing(recompute);
    }
}
