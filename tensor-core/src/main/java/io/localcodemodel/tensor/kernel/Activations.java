package io.localcodemodel.tensor.kernel;

/// The activations and their derivatives in double precision: the formulas themselves.
final class Activations {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    private Activations() {}

    static double value(Activation activation, double x) {
        return switch (activation) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
            case GELU_ERF -> x * normalDistribution(x);
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
            case SILU -> x * sigmoid(x);
            case SIGMOID -> sigmoid(x);
            case TANH -> Math.tanh(x);
        };
    }

    static double slope(Activation activation, double x) {
        return switch (activation) {
            case IDENTITY -> 1;
            case RELU -> x > 0 ? 1 : 0;
            case RELU_SQUARED -> 2 * Math.max(x, 0);
            case GELU_ERF -> normalDistribution(x) + x * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
            case GELU_TANH -> {
                double tanh = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
                yield 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
            }
            case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
            case SIGMOID -> sigmoid(x) * (1 - sigmoid(x));
            case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// Φ(x), the distribution function of the standard normal distribution.
    private static double normalDistribution(double x) {
        return 0.5 * complementaryError(-x / Math.sqrt(2));
    }

    /// erfc(x) as a series near zero and a continued fraction (Lentz's method) elsewhere, to about 1e-15 relative.
    private static double complementaryError(double x) {
        double t = Math.abs(x);
        double tail = t < 2.5 ? 1 - seriesError(t) : continuedFraction(t);
        return x < 0 ? 2 - tail : tail;
    }

    /// `erf(x) = 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))` (Abramowitz and Stegun 7.1.6).
    private static double seriesError(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 100 && term > 1e-17 * sum; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /// `erfc(x) = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …))))` (Abramowitz and Stegun 7.1.14).
    private static double continuedFraction(double x) {
        double fraction = x;
        for (int n = 60; n > 0; n--) {
            fraction = x + 0.5 * n / fraction;
        }
        return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
    }
}
