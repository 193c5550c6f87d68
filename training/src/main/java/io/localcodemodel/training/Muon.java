package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import java.util.List;

/// Momentum, orthogonalised by Newton–Schulz: every hidden matrix moves by the nearest semi-orthogonal matrix to its
/// smoothed gradient (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"). Embeddings, the
/// output head and vectors are left to [AdamW].
///
/// With `g` the gradient: `B = μB + (1-μ)g`, `U = (1-μ)g + μB` (Nesterov) or `U = B`, `W = W·(1 - rate·decay) -
/// rate·k·orthogonalise(U)`, with `k` from [Scale]. Matrices that are stacked into one parameter (queries, keys, values;
/// gate, up) are orthogonalised apart.
///
/// @param momentum μ
/// @param nesterov whether the step looks ahead
/// @param iterations Newton–Schulz iterations
/// @param weightDecay as in [AdamW]
/// @param scale what the orthogonal matrix is multiplied by
/// @param rateFactor the learning rate of the hidden matrices as a multiple of the schedule's
/// @param rest the optimiser of all other parameters
public record Muon(
        float momentum, boolean nesterov, int iterations, float weightDecay, Scale scale, float rateFactor, AdamW rest)
        implements Optimizer {
    /// 0.95, as published.
    public static final float MOMENTUM = 0.95f;
    /// 5 iterations bring the singular values into about 0.7 to 1.2, as published.
    public static final int ITERATIONS = 5;
    /// The quintic polynomial's coefficients `aX + b(XXᵀ)X + c(XXᵀ)²X`, as published.
    static final float A = 3.4445f;
    /// See [#A].
    static final float B = -4.775f;
    /// See [#A].
    static final float C = 2.0315f;
    /// Added to the Frobenius norm before dividing by it.
    static final float EPSILON = 1e-7f;

    /// How long a step is for a matrix of some shape.
    public enum Scale {
        /// `√max(1, rows/columns)`, as first published; needs a learning rate of its own, about 0.02.
        ORIGINAL {
            @Override
            float of(int rows, int columns) {
                return (float) Math.sqrt(Math.max(1, (double) rows / columns));
            }
        },
        /// `0.2·√max(rows, columns)`: steps as large as AdamW's, so that both share one learning rate (Liu et al. 2025,
        /// "Muon is scalable for LLM training", equation 4).
        MATCH_RMS_ADAMW {
            @Override
            float of(int rows, int columns) {
                return (float) (0.2 * Math.sqrt(Math.max(rows, columns)));
            }
        };

        abstract float of(int rows, int columns);
    }

    public Muon {
        require(momentum >= 0 && momentum < 1, "the momentum lies in [0, 1)", momentum);
        require(iterations >= 1, "there is at least 1 iteration", iterations);
        require(
                weightDecay >= 0 && Float.isFinite(weightDecay),
                "the weight decay is finite and not negative",
                weightDecay);
        require(rateFactor > 0 && Float.isFinite(rateFactor), "the rate factor is positive and finite", rateFactor);
    }

    private static void require(boolean condition, String expected, float found) {
        if (!condition) {
            throw new IllegalArgumentException("Muon: " + expected + ", found " + found);
        }
    }

    /// Steps matched to AdamW's, beside AdamW with its defaults.
    public static Muon defaults() {
        return new Muon(MOMENTUM, true, ITERATIONS, AdamW.WEIGHT_DECAY, Scale.MATCH_RMS_ADAMW, 1, AdamW.defaults());
    }

    /// The same with the hidden matrices' learning rate at another multiple of the schedule's.
    public Muon withRateFactor(float rateFactor) {
        return new Muon(momentum, nesterov, iterations, weightDecay, scale, rateFactor, rest);
    }

    /// The same with another weight decay of the hidden matrices.
    public Muon withWeightDecay(float weightDecay) {
        return new Muon(momentum, nesterov, iterations, weightDecay, scale, rateFactor, rest);
    }

    /// The same with another scale.
    public Muon withScale(Scale scale) {
        return new Muon(momentum, nesterov, iterations, weightDecay, scale, rateFactor, rest);
    }

    /// The same with another optimiser for the other parameters.
    public Muon withRest(AdamW rest) {
        return new Muon(momentum, nesterov, iterations, weightDecay, scale, rateFactor, rest);
    }

    @Override
    public State start(List<Parameter> parameters) {
        return new MuonState(this, parameters);
    }
}
