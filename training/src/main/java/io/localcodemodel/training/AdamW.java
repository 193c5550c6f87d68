package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import java.util.List;

/// Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019, "Decoupled weight decay regularization",
/// algorithm 2). Decay acts on matrices only ([Parameter#decays()]).
///
/// @param beta1 how much of the first moment is kept at a step
/// @param beta2 how much of the second moment is kept at a step
/// @param epsilon added to the root of the second moment
/// @param weightDecay the part of a weight, times the learning rate, that a step takes away
public record AdamW(float beta1, float beta2, float epsilon, float weightDecay) implements Optimizer {
    /// The usual 0.9.
    public static final float BETA1 = 0.9f;
    /// 0.95 as for GPT-3 (Brown et al. 2020, appendix B): a shorter memory than Adam's 0.999 suits runs of few steps.
    public static final float BETA2 = 0.95f;
    /// 1e-8 as in Adam.
    public static final float EPSILON = 1e-8f;
    /// 0.1 as for GPT-3.
    public static final float WEIGHT_DECAY = 0.1f;

    public AdamW {
        require(beta1 >= 0 && beta1 < 1, "beta1 lies in [0, 1)", beta1);
        require(beta2 >= 0 && beta2 < 1, "beta2 lies in [0, 1)", beta2);
        require(epsilon > 0 && Float.isFinite(epsilon), "epsilon is positive and finite", epsilon);
        require(
                weightDecay >= 0 && Float.isFinite(weightDecay),
                "the weight decay is finite and not negative",
                weightDecay);
    }

    private static void require(boolean condition, String expected, float found) {
        if (!condition) {
            throw new IllegalArgumentException("AdamW: " + expected + ", found " + found);
        }
    }

    /// The constants of this class.
    public static AdamW defaults() {
        return new AdamW(BETA1, BETA2, EPSILON, WEIGHT_DECAY);
    }

    /// The same with other betas.
    public AdamW withBetas(float beta1, float beta2) {
        return new AdamW(beta1, beta2, epsilon, weightDecay);
    }

    /// The same with another weight decay.
    public AdamW withWeightDecay(float weightDecay) {
        return new AdamW(beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public State start(List<Parameter> parameters) {
        return new AdamWState(this, parameters);
    }
}
