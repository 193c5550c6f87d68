package io.localcodemodel.tensor.op;

/// Cosines and sines of the angles `position · frequency` of rotary position embedding (Su et al. 2021, RoFormer).
///
/// A table is built from *inverse frequencies*, one for each rotated pair: [#inverseFrequencies(int, double)] and its
/// scaled variants for longer contexts.
public final class RotaryTable {
    /// The usual base of the frequencies.
    public static final double DEFAULT_THETA = 10_000;

    private final int positions;
    private final int pairs;
    private final boolean interleaved;
    private final float[] cos;
    private final float[] sin;

    /// A table of the given angles.
    ///
    /// @param inverseFrequencies the angle from one position to the next, for each pair
    /// @param positions how many positions, counted from 0
    /// @param interleaved whether a pair is `(2i, 2i + 1)`, as in GPT-J and CodeGen, or `(i, i + pairs)`, as in LLaMA
    public RotaryTable(double[] inverseFrequencies, int positions, boolean interleaved) {
        this.positions = positions;
        this.pairs = inverseFrequencies.length;
        this.interleaved = interleaved;
        int size = Math.multiplyExact(positions, pairs);
        this.cos = new float[size];
        this.sin = new float[size];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < pairs; i++) {
                double angle = position * inverseFrequencies[i];
                cos[position * pairs + i] = (float) StrictMath.cos(angle);
                sin[position * pairs + i] = (float) StrictMath.sin(angle);
            }
        }
    }

    /// `theta^(-2i/rotaryDims)` for `i` from 0 to `rotaryDims/2 - 1`.
    ///
    /// @param rotaryDims how many elements of a head are rotated, an even number
    public static double[] inverseFrequencies(int rotaryDims, double theta) {
        if (rotaryDims < 2 || rotaryDims % 2 != 0) {
            throw new IllegalArgumentException(
                    "rotary: expected an even number of rotated elements, found " + rotaryDims);
        }
        double[] frequencies = new double[rotaryDims / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 / StrictMath.pow(theta, 2.0 * i / rotaryDims);
        }
        return frequencies;
    }

    /// Position interpolation (Chen et al. 2023): every frequency divided by `factor`.
    public static double[] linear(double[] inverseFrequencies, double factor) {
        double[] scaled = inverseFrequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= factor;
        }
        return scaled;
    }

    /// The scaling of LLaMA 3.1: wavelengths longer than `originalContext / lowFactor` are stretched by `factor`, those
    /// shorter than `originalContext / highFactor` kept, those between blended.
    public static double[] llama3(
            double[] inverseFrequencies, double factor, double lowFactor, double highFactor, int originalContext) {
        double[] scaled = inverseFrequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double turns = originalContext * inverseFrequencies[i] / (2 * Math.PI);
            double kept = Math.clamp((turns - lowFactor) / (highFactor - lowFactor), 0.0, 1.0);
            scaled[i] = inverseFrequencies[i] * (kept + (1 - kept) / factor);
        }
        return scaled;
    }

    /// How many positions the table covers.
    public int positions() {
        return positions;
    }

    /// How many elements of a head are rotated.
    public int rotaryDims() {
        return 2 * pairs;
    }

    /// Whether a pair is `(2i, 2i + 1)` rather than `(i, i + pairs)`.
    public boolean interleaved() {
        return interleaved;
    }

    int pairs() {
        return pairs;
    }

    float[] cos() {
        return cos;
    }

    float[] sin() {
        return sin;
    }
}
