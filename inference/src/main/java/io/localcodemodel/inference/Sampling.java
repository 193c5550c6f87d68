package io.localcodemodel.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How the next token is chosen among the model's logits.
///
/// The chain is, in this order and each only where it changes something: logit bias, repetition penalty, frequency and
/// presence penalty, steps of one's own, temperature, top-k, top-p, min-p, typical-p; then a draw. This is the order of
/// Hugging Face's `generate()`, so that settings published with a model mean here what they mean there. At temperature 0
/// the most likely token is taken instead of drawing.
///
/// Made by [GenerationOptions.Builder].
///
/// @param temperature what logits are divided by; 0 takes the most likely token
/// @param topK see [SamplingStep#topK]; 0 keeps all
/// @param topP see [SamplingStep#topP]; 1 keeps all
/// @param minP see [SamplingStep#minP]; 0 keeps all
/// @param typicalP see [SamplingStep#typicalP]; 1 keeps all
/// @param repetitionPenalty see [SamplingStep#repetitionPenalty]; 1 changes nothing
/// @param frequencyPenalty see [SamplingStep#countPenalties]
/// @param presencePenalty see [SamplingStep#countPenalties]
/// @param penaltyWindow over how many of the last tokens, prompt included, penalties count
/// @param logitBias see [SamplingStep#logitBias]
/// @param steps steps of one's own
/// @param seed which draws are made: the same seed gives the same text
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        float typicalP,
        float repetitionPenalty,
        float frequencyPenalty,
        float presencePenalty,
        int penaltyWindow,
        Map<Integer, Float> logitBias,
        List<SamplingStep> steps,
        long seed) {
    public Sampling {
        Ranges.temperature(temperature);
        Ranges.atLeast("topK", 0, topK);
        Ranges.fraction("topP", topP);
        if (minP != 0) {
            Ranges.fraction("minP", minP);
        }
        Ranges.fraction("typicalP", typicalP);
        Ranges.positive("repetitionPenalty", repetitionPenalty);
        Ranges.finite("frequencyPenalty", frequencyPenalty);
        Ranges.finite("presencePenalty", presencePenalty);
        Ranges.atLeast("penaltyWindow", 1, penaltyWindow);
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach(Ranges::bias);
        steps = List.copyOf(steps);
    }

    /// Whether the most likely token is taken instead of drawing.
    public boolean greedy() {
        return temperature == 0;
    }

    /// The chain that these settings stand for, without steps that change nothing.
    public List<SamplingStep> chain() {
        List<SamplingStep> chain = new ArrayList<>();
        if (!logitBias.isEmpty()) {
            chain.add(SamplingStep.logitBias(logitBias));
        }
        if (repetitionPenalty != 1) {
            chain.add(SamplingStep.repetitionPenalty(repetitionPenalty));
        }
        if (frequencyPenalty != 0 || presencePenalty != 0) {
            chain.add(SamplingStep.countPenalties(frequencyPenalty, presencePenalty));
        }
        chain.addAll(steps);
        if (temperature != 0 && temperature != 1) {
            chain.add(SamplingStep.temperature(temperature));
        }
        if (topK != 0) {
            chain.add(SamplingStep.topK(topK));
        }
        if (topP != 1) {
            chain.add(SamplingStep.topP(topP));
        }
        if (minP != 0) {
            chain.add(SamplingStep.minP(minP));
        }
        if (typicalP != 1) {
            chain.add(SamplingStep.typicalP(typicalP));
        }
        return List.copyOf(chain);
    }
}
