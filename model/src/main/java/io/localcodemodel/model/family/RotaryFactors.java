package io.localcodemodel.model.family;

import io.localcodemodel.model.RotaryScaling;
import io.localcodemodel.tensor.op.RotaryTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The scaling of LLaMA 3.1 as GGUF files hold it: not its parameters but a tensor with a number for each rotated pair,
/// which the pair's frequency is divided by.
final class RotaryFactors {
    static final String TENSOR = "rope_freqs.weight";
    /// More numbers than any head has pairs.
    static final int MOST = 1 << 14;

    /// The parameters that all published models of LLaMA 3.1 to 3.3 share.
    private static final double LOW = 1;

    private static final double HIGH = 4;
    static final int ORIGINAL_CONTEXT = 8192;
    /// The file has floats.
    private static final double TOLERANCE = 1e-5;

    private RotaryFactors() {}

    /// The numbers of a scaling.
    ///
    /// @param dimensions how many elements of a head are rotated
    static List<Float> of(RotaryScaling.Llama3 scaling, double theta, int dimensions) {
        double[] plain = RotaryTable.inverseFrequencies(dimensions, theta);
        double[] scaled = RotaryTable.llama3(
                plain,
                scaling.factor(),
                scaling.lowFrequencyFactor(),
                scaling.highFrequencyFactor(),
                scaling.originalContextLength());
        Float[] factors = new Float[plain.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (plain[i] / scaled[i]);
        }
        return List.of(factors);
    }

    /// The scaling whose numbers these are, or null if they are not those of a LLaMA 3.1.
    ///
    /// The longest wavelengths are stretched by the whole factor, so the largest number is the factor.
    static RotaryScaling.@Nullable Llama3 scaling(
            List<Double> factors, double theta, int dimensions, int originalContext) {
        if (dimensions < 2 || dimensions % 2 != 0 || factors.size() != dimensions / 2 || originalContext < 1) {
            return null;
        }
        double factor = 1;
        for (double each : factors) {
            factor = Math.max(factor, each);
        }
        var scaling = new RotaryScaling.Llama3(factor, LOW, HIGH, originalContext);
        List<Float> expected = of(scaling, theta, dimensions);
        for (int i = 0; i < expected.size(); i++) {
            if (!(Math.abs(expected.get(i) / factors.get(i) - 1) <= TOLERANCE)) {
                return null;
            }
        }
        return scaling;
    }
}
