package io.localcodemodel.inference;

/// Checks of numbers at the door. Each returns what it was given, or throws naming the value.
final class Ranges {
    private Ranges() {}

    /// The least temperature that divides any logit without overflow.
    private static final float LEAST_TEMPERATURE = 1e-6f;

    static float temperature(float value) {
        if (!(value == 0 || value >= LEAST_TEMPERATURE) || !Float.isFinite(value)) {
            throw new IllegalArgumentException(
                    "temperature: expected 0, which takes the most likely token, or at least " + LEAST_TEMPERATURE
                            + ", found " + value);
        }
        return value;
    }

    static float positive(String name, float value) {
        if (!(value > 0) || !Float.isFinite(value)) {
            throw new IllegalArgumentException(name + ": expected a number greater than 0, found " + value);
        }
        return value;
    }

    static float finite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + ": expected a finite number, found " + value);
        }
        return value;
    }

    static float fraction(String name, float value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    name + ": expected a number greater than 0 and at most 1, found " + value);
        }
        return value;
    }

    static int atLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": expected at least " + least + ", found " + value);
        }
        return value;
    }

    static float bias(int token, float value) {
        if (token < 0 || Float.isNaN(value) || value == Float.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "logitBias: expected a token id of 0 or more and a number below infinity," + " found " + value
                            + " for token " + token);
        }
        return value;
    }
}
