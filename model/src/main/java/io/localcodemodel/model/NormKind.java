package io.localcodemodel.model;

/// How rows of activations are normalised.
public sealed interface NormKind {
    /// Added to the variance or mean square under the root: keeps a row of equal numbers finite. 1e-5 is what GPT-2 and
    /// LLaMA 2 use; it is far below the squares of trained activations and far above the rounding of 32-bit floats.
    float EPSILON = 1e-5f;

    /// Added to the mean of squares under the root.
    float epsilon();

    /// Mean taken out, divided by the standard deviation, times a weight (Ba et al. 2016).
    record Layer(float epsilon) implements NormKind {}

    /// Divided by the root mean square, times a weight (Zhang and Sennrich 2019).
    ///
    /// @param weightShift 0, or 1 where the stored weight is its difference from one (Gemma)
    record Rms(float epsilon, float weightShift) implements NormKind {}

    /// Layer norm with the usual [#EPSILON].
    static NormKind layer() {
        return new Layer(EPSILON);
    }

    /// RMS norm with the usual [#EPSILON].
    static NormKind rms() {
        return new Rms(EPSILON, 0);
    }
}
