package io.localcodemodel.model;

/// How rotary angles are changed to reach contexts longer than those of the first training.
public sealed interface RotaryScaling {
    /// Angles as they are.
    record Unscaled() implements RotaryScaling {}

    /// All positions divided by `factor` (Chen et al. 2023, position interpolation).
    ///
    /// @param factor above 0
    record Linear(double factor) implements RotaryScaling {}

    /// Long wavelengths stretched by `factor`, short ones kept, a linear passage between: LLaMA 3.1.
    ///
    /// @param factor how much longer the context became
    /// @param lowFrequencyFactor wavelengths above `originalContextLength / lowFrequencyFactor` are stretched
    /// @param highFrequencyFactor wavelengths below `originalContextLength / highFrequencyFactor` are kept
    /// @param originalContextLength the context of the first training, in tokens
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContextLength)
            implements RotaryScaling {}
}
