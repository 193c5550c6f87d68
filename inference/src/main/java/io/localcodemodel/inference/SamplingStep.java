package io.localcodemodel.inference;

import java.util.Arrays;
import java.util.Map;

/// One link of the chain between a model's logits and the next token: it changes logits or removes candidates.
///
/// The steps of this library are the static methods here; a step of one's own goes into
/// [GenerationOptions.Builder#step]. A step is called once per token on the generating thread. It may be shared by many
/// generations and so keeps no state of its own.
///
/// ```java
/// SamplingStep noTabs = (candidates, history) -> {
///     for (int i = 0; i < candidates.size(); i++) {
///         if (candidates.id(i) == tab) {
///             candidates.setLogit(i, Float.NEGATIVE_INFINITY);
///         }
///     }
/// };
/// ```
@FunctionalInterface
public interface SamplingStep {
    /// Changes the candidates for the next token.
    ///
    /// @param candidates what there is to choose from; changed in place
    /// @param history the tokens before the next one, prompt included
    void apply(Candidates candidates, TokenHistory history);

    /// Divides all logits by `temperature`: below 1 sharpens the distribution, above 1 flattens it.
    ///
    /// @param temperature greater than 0
    static SamplingStep temperature(float temperature) {
        Ranges.positive("temperature", temperature);
        return (candidates, history) -> candidates.divide(temperature);
    }

    /// Keeps the `k` most likely candidates (Fan et al. 2018); of equal ones the lower ids.
    ///
    /// @param k at least 1
    static SamplingStep topK(int k) {
        Ranges.atLeast("topK", 1, k);
        return (candidates, history) -> candidates.keepLargest(k);
    }

    /// Keeps the fewest most likely candidates whose probabilities add up to at least `p`: nucleus sampling (Holtzman
    /// et al. 2020).
    ///
    /// @param p greater than 0, at most 1
    static SamplingStep topP(float p) {
        Ranges.fraction("topP", p);
        return (candidates, history) -> candidates.keepMass(p);
    }

    /// Keeps the candidates at least `p` times as likely as the most likely one (Nguyen et al. 2024).
    ///
    /// @param p greater than 0, at most 1
    static SamplingStep minP(float p) {
        Ranges.fraction("minP", p);
        float distance = (float) Math.log(p);
        return (candidates, history) -> candidates.keepFrom(candidates.largest() + distance);
    }

    /// Keeps the candidates whose surprise `-log q` is nearest to the entropy of the distribution, as many as add up to
    /// a probability of at least `p` (Meister et al. 2023, "Locally typical sampling").
    ///
    /// @param p greater than 0, at most 1
    static SamplingStep typicalP(float p) {
        Ranges.fraction("typicalP", p);
        return (candidates, history) -> candidates.keepTypical(p);
    }

    /// Makes tokens that are in the history less likely: divides a positive logit by `penalty` and multiplies a negative
    /// one (Keskar et al. 2019, "CTRL", section 4.1).
    ///
    /// @param penalty greater than 0; 1 changes nothing, below 1 rewards repetition
    static SamplingStep repetitionPenalty(float penalty) {
        Ranges.positive("repetitionPenalty", penalty);
        return (candidates, history) -> {
            for (int i = 0; i < candidates.size(); i++) {
                if (history.count(candidates.id(i)) > 0) {
                    float logit = candidates.logit(i);
                    candidates.setLogit(i, logit > 0 ? logit / penalty : logit * penalty);
                }
            }
        };
    }

    /// Lowers the logit of a token by `frequency` for each time it is in the history, and by `presence` once.
    static SamplingStep countPenalties(float frequency, float presence) {
        Ranges.finite("frequencyPenalty", frequency);
        Ranges.finite("presencePenalty", presence);
        return (candidates, history) -> {
            for (int i = 0; i < candidates.size(); i++) {
                int count = history.count(candidates.id(i));
                if (count > 0) {
                    candidates.setLogit(i, candidates.logit(i) - frequency * count - presence);
                }
            }
        };
    }

    /// Adds a number to the logits of some tokens; negative infinity forbids a token.
    ///
    /// @param bias what to add, by token id
    static SamplingStep logitBias(Map<Integer, Float> bias) {
        int[] ids = bias.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
        float[] added = new float[ids.length];
        bias.forEach((id, value) -> added[Arrays.binarySearch(ids, id)] = Ranges.bias(id, value));
        return (candidates, history) -> {
            for (int i = 0; i < candidates.size(); i++) {
                int at = Arrays.binarySearch(ids, candidates.id(i));
                if (at >= 0) {
                    candidates.setLogit(i, candidates.logit(i) + added[at]);
                }
            }
        };
    }
}
